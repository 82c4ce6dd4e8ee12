import type { Clients } from "../inspect/clients";
import { ClusterAccess } from "./clusterAccess";
import { differing, goneText, suspend } from "./managers";
import { isFinished } from "./objects";
import type { Field, Place } from "./objects";
import { did, leftAlone, nothing, outcomeOf, textOf } from "./outcome";
import type { Outcome } from "./outcome";
import { hasEnded, unfinishedJobs } from "./stopped";
import type { StoppedWorkload } from "./stopped";
import { isReady, noneLeft, podsOf } from "./workloadPods";
import type { OddPod } from "./workloadPods";

/** Without this, a StatefulSet that is scaled to 0 could delete the claims of all its pods. */
export const whenScaledPath = ["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"];

/** Number of pods. */
export const replicasPath = ["spec", "replicas"];

/** Whether a Job or a CronJob is suspended. */
export const suspendPath = ["spec", "suspend"];

/**
 * Ends a workload's pods: first suspends what would start them again, then scales it to 0, suspends or deletes it. A step
 * that was made before isn't made again.
 *
 * A claim can't be deleted while there is a pod that names it, also one that has ended
 * (https://github.com/kubernetes/kubernetes/issues/92598, read on 2026-11-26): such pods are deleted, too.
 */
export async function stopWorkload(clients: Clients, workload: StoppedWorkload): Promise<Outcome> {
    const access = new ClusterAccess(clients);
    const steps: Outcome[] = [];
    for (const manager of workload.managers) {
        steps.push(await suspend(access, manager));
    }
    steps.push(await stopPods(access, workload));
    steps.push(await deleteEndedPods(access, workload));
    steps.push(await deleteStuckPods(access, workload));
    return outcomeOf(steps);
}

/**
 * Waits until a workload has no pods any more, also none that has ended.
 *
 * @param timeoutSeconds - 0 looks once.
 * @returns the pods that are left, such as those of a lost node.
 */
export function waitUntilStopped(
    clients: Clients,
    workload: StoppedWorkload,
    timeoutSeconds: number,
    signal?: AbortSignal,
): Promise<readonly OddPod[]> {
    const access = new ClusterAccess(clients);
    const left = async () => {
        const pods = await podsOf(access, workload);
        const former =
            workload.kind === "Pod" ? pods.filter(({ metadata }) => metadata?.uid === workload.uid) : pods;
        return former.map(({ metadata, spec }) => ({
            name: metadata?.name ?? "",
            ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
            reason: metadata?.deletionTimestamp
                ? "it is being deleted, and its node hasn't said yet that it has ended"
                : "nothing has deleted it",
        }));
    };
    return noneLeft(left, timeoutSeconds, signal);
}

async function stopPods(access: ClusterAccess, workload: StoppedWorkload): Promise<Outcome> {
    const { kind, namespace, name, uid } = workload;
    if (kind === "Pod") {
        return stopPod(access, workload);
    }
    const place = { kind, namespace, name };
    if (kind !== "CronJob") {
        const verb = kind === "Job" ? "suspended" : "scaled to 0";
        return change(access, place, uid, stoppedFields(workload), verb);
    }
    const steps = [await change(access, place, uid, stoppedFields(workload), "suspended")];
    // Those that were started since the record was made, too.
    for (const job of await unfinishedJobs(access, namespace, uid)) {
        const jobPlace = { kind: "Job" as const, namespace, name: job.name };
        steps.push(
            await change(access, jobPlace, job.uid, [{ path: suspendPath, value: true }], "suspended"),
        );
    }
    return outcomeOf(steps);
}

/** Fields of a stopped workload. The policy for claims changes with the number of pods, so that no claim is in danger. */
export function stoppedFields({ kind, whenScaled }: StoppedWorkload): Field[] {
    if (kind === "Job" || kind === "CronJob") {
        return [{ path: suspendPath, value: true }];
    }
    return [
        ...(whenScaled === undefined ? [] : [{ path: whenScaledPath, value: "Retain" }]),
        { path: replicasPath, value: 0 },
    ];
}

async function stopPod(
    access: ClusterAccess,
    { kind, namespace, name, uid }: StoppedWorkload,
): Promise<Outcome> {
    const pod = await access.readPod(namespace, name);
    if (!pod || (pod.metadata?.uid === uid && pod.metadata.deletionTimestamp)) {
        return nothing;
    }
    const text = textOf({ kind, namespace, name });
    if (pod.metadata?.uid !== uid) {
        return leftAlone(`${text} ${goneText(pod)}: it is left as it is`);
    }
    await access.deletePod(namespace, name, uid);
    return did(`${text} deleted`);
}

async function deleteEndedPods(access: ClusterAccess, workload: StoppedWorkload): Promise<Outcome> {
    const { kind, namespace } = workload;
    const pods = kind === "Pod" ? [] : await podsOf(access, workload);
    const steps: Outcome[] = [];
    for (const pod of pods.filter(hasEnded)) {
        const { name = "", uid = "", deletionTimestamp } = pod.metadata ?? {};
        const hasClaims = (pod.spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim);
        if (hasClaims && !deletionTimestamp) {
            await access.deletePod(namespace, name, uid);
            steps.push(did(`${textOf({ kind: "Pod", namespace, name })}, which had ended, deleted`));
        }
    }
    return outcomeOf(steps);
}

/**
 * Deletes pods of a StatefulSet that aren't ready. Its controller ends pods in turn, and waits for each that isn't ready
 * but the first: where two aren't, as after the failure of a zone, it waits forever (`processCondemned` in
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/statefulset/stateful_set_control.go).
 */
async function deleteStuckPods(access: ClusterAccess, workload: StoppedWorkload): Promise<Outcome> {
    const { kind, namespace, name, uid } = workload;
    if (kind !== "StatefulSet" || (await access.read({ kind, namespace, name }))?.metadata.uid !== uid) {
        return nothing;
    }
    const steps: Outcome[] = [];
    for (const pod of await podsOf(access, workload)) {
        const { name: podName = "", uid: podUid = "", deletionTimestamp } = pod.metadata ?? {};
        if (!deletionTimestamp && !hasEnded(pod) && !isReady(pod)) {
            await access.deletePod(namespace, podName, podUid);
            steps.push(
                did(`${textOf({ kind: "Pod", namespace, name: podName })}, which wasn't ready, deleted`),
            );
        }
    }
    return outcomeOf(steps);
}

/** Gives a workload's fields new values, if it is still the same one and hasn't finished. */
export async function change(
    access: ClusterAccess,
    place: Place,
    uid: string,
    fields: readonly Field[],
    verb: string,
): Promise<Outcome> {
    const object = await access.read(place);
    if (object?.metadata.uid !== uid) {
        return leftAlone(`${textOf(place)} ${goneText(object)}: it is left as it is`);
    }
    const different = differing(object, fields);
    if (different.length === 0 || isFinished(object)) {
        return nothing;
    }
    await access.change(place, uid, different);
    return did(`${textOf(place)} ${verb}`);
}
