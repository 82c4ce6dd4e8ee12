import type { Manager } from "./managers";

/** Kinds whose pods this project can end and start again. */
export type WorkloadKind = "StatefulSet" | "Deployment" | "ReplicaSet" | "Job" | "CronJob" | "Pod";

/** Pods that are ended and started together: the topmost object that can do it, or a pod without an owner. */
export interface Workload {
    readonly kind: WorkloadKind;
    readonly namespace: string;
    readonly name: string;
    /** Names of its pods that use the disks. None if only its template names them. */
    readonly pods: readonly string[];
    /** Objects that would undo a stop, and are suspended during it, outermost first. */
    readonly managers: readonly Manager[];
    /** Consequences that a user should know before, a sentence each. */
    readonly notes: readonly string[];
    /** Whether it is a StatefulSet that starts a pod only when the one before runs. */
    readonly startsInTurn?: boolean;
    /** Why it can't be ended, with the way out. */
    readonly problem?: string;
}
