import type { V1Pod } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { ClusterAccess } from "./clusterAccess";
import { readManager } from "./managers";
import type { StoppedManager } from "./managers";
import { controllerOf, isFinished, selectorText } from "./objects";
import type { ClusterObject } from "./objects";
import { textOf } from "./outcome";
import { manifestOf } from "./podManifest";
import type { Workload, WorkloadKind } from "./workload";

/**
 * A workload as it was before it was stopped: all that a stop and a start need. It can be written to a file as JSON.
 * Two workloads may have the same manager, so all records are read before the first stop.
 */
export interface StoppedWorkload {
    readonly kind: WorkloadKind;
    readonly namespace: string;
    readonly name: string;
    /** Another object of the same name is never touched. */
    readonly uid: string;
    /** Number of pods of a StatefulSet, Deployment or ReplicaSet. */
    readonly replicas?: number;
    /** Whether a Job or a CronJob was suspended. */
    readonly suspended?: boolean;
    /** Only for a StatefulSet that deletes the claims of pods that it scales away. */
    readonly whenScaled?: string;
    /** The first ordinal of a StatefulSet, if it isn't 0. */
    readonly firstOrdinal?: number;
    /** Selector of its pods. */
    readonly selector?: string;
    /** Jobs of a CronJob that hadn't finished. */
    readonly jobs?: readonly StoppedJob[];
    /** The manifest of a pod without an owner. A pod that had ended has none, and isn't created again. */
    readonly manifest?: V1Pod;
    readonly managers: readonly StoppedManager[];
}

/** A Job of a CronJob, as it was before. */
export interface StoppedJob {
    readonly name: string;
    readonly uid: string;
    readonly suspended: boolean;
}

/**
 * Reads a workload before anything is changed.
 *
 * @throws Error if it isn't there any more.
 */
export async function readBefore(
    clients: Clients,
    { kind, namespace, name, managers }: Workload,
): Promise<StoppedWorkload> {
    const access = new ClusterAccess(clients);
    const read: StoppedManager[] = [];
    for (const manager of managers) {
        const stopped = await readManager(access, manager);
        read.push(...(stopped ? [stopped] : []));
    }
    const head = { kind, namespace, name, managers: read };
    if (kind === "Pod") {
        return { ...head, ...podBefore(gone(head, await access.readPod(namespace, name))) };
    }
    const { metadata, spec = {} } = gone(head, await access.read({ kind, namespace, name }));
    const { selector, replicas = 1, ordinals, persistentVolumeClaimRetentionPolicy: policy } = spec;
    const common = {
        ...head,
        uid: metadata.uid ?? "",
        ...(selector && { selector: selectorText(selector) }),
    };
    if (kind === "CronJob") {
        const jobs = await unfinishedJobs(access, namespace, common.uid);
        return { ...common, suspended: spec.suspend === true, jobs };
    }
    if (kind === "Job") {
        return { ...common, suspended: spec.suspend === true };
    }
    return {
        ...common,
        replicas,
        ...(policy?.whenScaled === "Delete" && { whenScaled: policy.whenScaled }),
        ...(ordinals?.start && { firstOrdinal: ordinals.start }),
    };
}

/** The Jobs of a CronJob that haven't finished. */
export async function unfinishedJobs(
    access: ClusterAccess,
    namespace: string,
    uid: string,
): Promise<StoppedJob[]> {
    return (await jobsOf(access, namespace, uid))
        .filter((job) => !isFinished(job))
        .map(({ metadata, spec }) => ({
            name: metadata.name ?? "",
            uid: metadata.uid ?? "",
            suspended: spec?.suspend === true,
        }));
}

/** All Jobs of a CronJob. */
export async function jobsOf(
    access: ClusterAccess,
    namespace: string,
    uid: string,
): Promise<ClusterObject[]> {
    const jobs = await access.list("Job", namespace);
    return jobs.filter(({ metadata }) => controllerOf(metadata)?.uid === uid);
}

/** Whether a pod has completed or failed. */
export function hasEnded({ status }: V1Pod): boolean {
    return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function podBefore(pod: V1Pod): Pick<StoppedWorkload, "uid" | "manifest"> {
    const uid = pod.metadata?.uid ?? "";
    return hasEnded(pod) ? { uid } : { uid, manifest: manifestOf(pod) };
}

function gone<T>(workload: Pick<StoppedWorkload, "kind" | "namespace" | "name">, object: T | undefined): T {
    if (object === undefined) {
        throw new Error(`${textOf(workload)} isn't there any more: run the command again`);
    }
    return object;
}
