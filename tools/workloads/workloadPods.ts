import type { V1Pod } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterAccess } from "./clusterAccess";
import { controllerOf } from "./objects";
import { jobsOf } from "./stopped";
import type { StoppedWorkload } from "./stopped";

/** A pod that isn't as it should be, with the reason. */
export interface OddPod {
    readonly name: string;
    /** The node that it is on. */
    readonly node?: string;
    /** Whether its StatefulSet hasn't created it: it may wait for the pod before. */
    readonly isAwaited?: boolean;
    readonly reason: string;
}

/** All pods of a workload. A pod without an owner may be the former one or the new one. */
export async function podsOf(access: ClusterAccess, workload: StoppedWorkload): Promise<readonly V1Pod[]> {
    const { kind, namespace, name, selector } = workload;
    if (kind === "Pod") {
        const pod = await access.readPod(namespace, name);
        return pod ? [pod] : [];
    }
    const owners = await ownersOf(access, workload);
    // A CronJob has no selector. Kubernetes gives each pod of a Job this label.
    const pods = await access.listPods(namespace, selector ?? "job-name");
    return pods.filter(({ metadata }) => owners.has(controllerOf(metadata ?? {})?.uid));
}

/** Whether a pod runs and is ready. */
export function isReady({ status }: V1Pod): boolean {
    const { conditions = [], phase } = status ?? {};
    return phase === "Running" && conditions.some((one) => one.type === "Ready" && one.status === "True");
}

/** Ids of the objects that may own a workload's pods. */
async function ownersOf(
    access: ClusterAccess,
    { kind, namespace, uid }: StoppedWorkload,
): Promise<ReadonlySet<string | undefined>> {
    if (kind === "CronJob") {
        return new Set((await jobsOf(access, namespace, uid)).map(({ metadata }) => metadata.uid));
    }
    if (kind === "Deployment") {
        const sets = await access.list("ReplicaSet", namespace);
        const own = sets.filter(({ metadata }) => controllerOf(metadata)?.uid === uid);
        return new Set(own.map(({ metadata }) => metadata.uid));
    }
    return new Set([uid]);
}

/**
 * Asks until there is no odd pod or the time is up.
 *
 * @returns the odd pods of the last answer.
 */
export async function noneLeft(
    ask: () => Promise<readonly OddPod[]>,
    timeoutSeconds: number,
    signal?: AbortSignal,
): Promise<readonly OddPod[]> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (let pause = 200; ; pause = Math.min(pause * 1.5, 3000)) {
        const pods = await ask();
        if (pods.length === 0 || Date.now() + pause > deadline) {
            return pods;
        }
        await sleep(pause, undefined, { signal });
    }
}
