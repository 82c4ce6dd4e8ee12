import type { V1Pod } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { ClusterAccess } from "./clusterAccess";
import { resume } from "./managers";
import type { StoppedManager } from "./managers";
import { isFinished } from "./objects";
import type { ClusterObject } from "./objects";
import { did, leftAlone, nothing, outcomeOf, textOf } from "./outcome";
import type { Outcome } from "./outcome";
import { change, replicasPath, suspendPath, whenScaledPath } from "./stop";
import { hasEnded, unfinishedJobs } from "./stopped";
import type { StoppedWorkload } from "./stopped";
import { isReady, noneLeft, podsOf } from "./workloadPods";
import type { OddPod } from "./workloadPods";

/**
 * Starts a workload's pods again, then resumes what was suspended for it. A step that was made before isn't made again.
 * For several workloads: `startPods` for each, then `resumeManagers` for all, since a manager may be of more than one.
 */
export async function startWorkload(clients: Clients, workload: StoppedWorkload): Promise<Outcome> {
    return outcomeOf([await startPods(clients, workload), await resumeManagers(clients, [workload])]);
}

/** Starts a workload's pods again, and leaves what was suspended for it. */
export async function startPods(clients: Clients, workload: StoppedWorkload): Promise<Outcome> {
    const access = new ClusterAccess(clients);
    const { kind, namespace, name, uid, suspended = false } = workload;
    if (kind === "Pod") {
        return createPod(access, workload);
    }
    const place = { kind, namespace, name };
    if (kind === "CronJob") {
        return startCronJob(access, workload);
    }
    if (kind === "Job") {
        return change(access, place, uid, [{ path: suspendPath, value: suspended }], "resumed");
    }
    const { replicas = 1, whenScaled } = workload;
    const now = (await access.read(place))?.spec?.replicas ?? 1;
    const policy = whenScaled === undefined ? [] : [{ path: whenScaledPath, value: whenScaled }];
    if (now === 0 || now === replicas) {
        const fields = [...policy, { path: replicasPath, value: replicas }];
        return change(access, place, uid, fields, `scaled to ${replicas}`);
    }
    const restored = await change(access, place, uid, policy, "has its policy for claims again");
    const problem = `${textOf(place)} was scaled to ${now} meanwhile: it isn't scaled to ${replicas}`;
    return restored.problems.length > 0 ? restored : outcomeOf([restored, leftAlone(problem)]);
}

/** Resumes what was suspended for workloads: the last suspended first, and each once. */
export async function resumeManagers(
    clients: Clients,
    workloads: readonly StoppedWorkload[],
): Promise<Outcome> {
    const access = new ClusterAccess(clients);
    const managers = new Map<string, StoppedManager>();
    workloads
        .flatMap((workload) => workload.managers)
        .forEach((manager) => {
            // The first record was made before the others, and before any change.
            managers.set(textOf(manager), managers.get(textOf(manager)) ?? manager);
        });
    const steps: Outcome[] = [];
    for (const manager of [...managers.values()].reverse()) {
        steps.push(await resume(access, manager));
    }
    return outcomeOf(steps);
}

/**
 * Waits until all pods of a workload run and are ready, or have ended.
 *
 * @param timeoutSeconds - 0 looks once.
 * @returns those that aren't, with the scheduler's reason or the container's.
 */
export function waitUntilRunning(
    clients: Clients,
    workload: StoppedWorkload,
    timeoutSeconds: number,
    signal?: AbortSignal,
): Promise<readonly OddPod[]> {
    const access = new ClusterAccess(clients);
    const odd = async () => {
        const pods = await podsOf(access, workload);
        const current = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
        const notReady = current.flatMap((pod) => oddOf(pod) ?? []);
        return [...notReady, ...(await absent(access, workload, current))];
    };
    return noneLeft(odd, timeoutSeconds, signal);
}

async function startCronJob(access: ClusterAccess, workload: StoppedWorkload): Promise<Outcome> {
    const { namespace, name, uid, suspended = false, jobs = [] } = workload;
    const place = { kind: "CronJob" as const, namespace, name };
    const object = await access.read(place);
    const isSuspendedByTemplate = object?.spec?.jobTemplate?.spec?.suspend === true;
    const steps: Outcome[] = [];
    for (const job of await unfinishedJobs(access, namespace, uid)) {
        const before = jobs.find((one) => one.uid === job.uid)?.suspended ?? isSuspendedByTemplate;
        const jobPlace = { kind: "Job" as const, namespace, name: job.name };
        steps.push(
            await change(access, jobPlace, job.uid, [{ path: suspendPath, value: before }], "resumed"),
        );
    }
    steps.push(await change(access, place, uid, [{ path: suspendPath, value: suspended }], "resumed"));
    return outcomeOf(steps);
}

async function createPod(
    access: ClusterAccess,
    { kind, namespace, name, uid, manifest }: StoppedWorkload,
): Promise<Outcome> {
    const pod = await access.readPod(namespace, name);
    const text = textOf({ kind, namespace, name });
    if (pod?.metadata?.uid === uid && pod.metadata.deletionTimestamp) {
        return leftAlone(`${text} is still ending: run the command again when it has`);
    }
    if (pod || !manifest) {
        return nothing;
    }
    await access.createPod(namespace, manifest);
    return did(`${text} created`);
}

/** Pods that should be there and aren't. */
async function absent(
    access: ClusterAccess,
    workload: StoppedWorkload,
    pods: readonly V1Pod[],
): Promise<readonly OddPod[]> {
    const { kind, namespace, name, replicas = 0, firstOrdinal = 0 } = workload;
    const names = new Set(pods.map(({ metadata }) => metadata?.name));
    if (kind === "Pod") {
        return pods.length === 0 && workload.manifest ? [{ name, reason: "it isn't there" }] : [];
    }
    if (kind === "StatefulSet") {
        return Array.from({ length: replicas }, (_, index) => `${name}-${firstOrdinal + index}`)
            .filter((pod) => !names.has(pod))
            .map((pod) => ({
                name: pod,
                isAwaited: true,
                reason: `${textOf(workload)} hasn't created it yet`,
            }));
    }
    if (kind === "Deployment" || kind === "ReplicaSet") {
        const there = pods.filter((pod) => !hasEnded(pod)).length;
        const reason = `${textOf(workload)} has created ${there} of ${replicas} pods`;
        return there < replicas ? [{ name, reason }] : [];
    }
    const jobs = await startedJobs(access, workload);
    const owners = new Set(
        pods.flatMap(({ metadata }) => metadata?.ownerReferences ?? []).map((one) => one.uid),
    );
    return jobs
        .filter(({ metadata }) => !owners.has(metadata.uid ?? ""))
        .map(({ metadata }) => ({
            name: metadata.name ?? "",
            reason: `${textOf({ kind: "Job", namespace, name: metadata.name ?? "" })} hasn't created a pod yet`,
        }));
}

/** The Jobs of a record that ran before, and haven't finished. */
async function startedJobs(access: ClusterAccess, workload: StoppedWorkload): Promise<ClusterObject[]> {
    const { kind, namespace, name, uid, suspended = false, jobs = [] } = workload;
    const wanted = kind === "Job" ? [{ name, uid, suspended }] : jobs;
    const running: ClusterObject[] = [];
    for (const job of wanted.filter((one) => !one.suspended)) {
        const object = await access.read({ kind: "Job", namespace, name: job.name });
        if (object?.metadata.uid === job.uid && !isFinished(object)) {
            running.push(object);
        }
    }
    return running;
}

/** A pod that doesn't run or isn't ready, with the reason. */
export function oddOf(pod: V1Pod): OddPod | undefined {
    const { conditions = [], containerStatuses = [], initContainerStatuses = [], phase } = pod.status ?? {};
    const condition = (type: string) => conditions.find((one) => one.type === type);
    if (hasEnded(pod) || isReady(pod)) {
        return undefined;
    }
    const scheduled = condition("PodScheduled");
    const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(
        ({ state }) => state?.waiting ?? [],
    )[0];
    const reason =
        (scheduled?.status === "False" && (scheduled.message ?? scheduled.reason)) ||
        (waiting && [waiting.reason, waiting.message].filter(Boolean).join(": ")) ||
        condition("Ready")?.message ||
        `it is ${phase ?? "Unknown"} and not ready`;
    const node = pod.spec?.nodeName;
    return { name: pod.metadata?.name ?? "", ...(node !== undefined && { node }), reason };
}
