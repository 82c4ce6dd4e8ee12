import { memberOf } from "../adopt/statefulSets";
import type { ClaimName } from "../adopt/existingDisk";
import type { ClusterObject } from "./objects";
import { formerReplicasOf, replicasOf } from "./replicas";

/** Kinds whose templates are read: they may start pods at any time. */
export const templateKinds = ["StatefulSet", "Deployment", "CronJob"] as const;

/** Why an object starts no pods as it is; undefined if it may start some at any time, or is stopped by this project. */
export function idleReason(object: ClusterObject): string | undefined {
    if (object.spec?.suspend === true) {
        return "is suspended";
    }
    return replicasOf(object) === 0 && formerReplicasOf(object) === undefined ? "has 0 replicas" : undefined;
}

/** Whether the pods of an object use one of the claims, or would if it had any: its template names the claim. */
export function namesOneOf(object: ClusterObject, claims: readonly ClaimName[]): boolean {
    const { metadata, spec = {} } = object;
    const { jobTemplate, template } = spec;
    const own = claims.filter(({ namespace }) => namespace === metadata.namespace);
    const volumes = (jobTemplate?.spec?.template ?? template)?.spec?.volumes ?? [];
    const named = new Set(volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []));
    return own.some((claim) => named.has(claim.name) || isOfReplica(object, claim));
}

/** Whether a claim is of a StatefulSet's pod that exists, or will as soon as it can. Without replicas, all are. */
function isOfReplica(object: ClusterObject, claim: ClaimName): boolean {
    const { namespace = "", name = "" } = object.metadata;
    const { ordinals, volumeClaimTemplates = [] } = object.spec ?? {};
    const replicas = (formerReplicasOf(object) ?? replicasOf(object)) || Infinity;
    const templates = volumeClaimTemplates.map((one) => one.metadata?.name ?? "");
    const ordinal = memberOf(claim, [{ namespace, name, templates }])?.ordinal;
    const first = ordinals?.start ?? 0;
    return ordinal !== undefined && ordinal >= first && ordinal < first + replicas;
}

/** Whether a StatefulSet starts a pod only when the one before runs. */
export function startsInTurn({ spec }: ClusterObject): boolean {
    return spec?.podManagementPolicy !== "Parallel";
}
