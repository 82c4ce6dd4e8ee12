import { fieldOf } from "./objects";
import type { ClusterObject } from "./objects";

/**
 * Number of pods that a workload had when it was scaled to 0: it is known even if the journal is lost. GitOps tools leave
 * annotations alone that they haven't set, and it starts no rollout, since it isn't in the pods' template.
 */
export const formerReplicasPath = ["metadata", "annotations", "zonal-persistent-storage/former-replicas"];

/** Number of pods that a workload has by its settings. */
export function replicasOf({ spec }: ClusterObject): number {
    return spec?.replicas ?? 1;
}

/** Number of pods of a workload before it was stopped; undefined if it isn't stopped. */
export function formerReplicasOf(object: ClusterObject): number | undefined {
    const former = Number(fieldOf(object, formerReplicasPath));
    return replicasOf(object) === 0 && former > 0 ? former : undefined;
}
