import { memberOf } from "../adopt/statefulSets";
import type { ClaimName } from "../adopt/existingDisk";
import type { ClusterObject } from "./objects";

/** Kinds whose templates are read: they may start pods at any time. */
export const templateKinds = ["StatefulSet", "Deployment", "CronJob"] as const;

/**
 * Whether an object starts pods that use one of the claims: it has replicas, or a schedule that isn't suspended, and its
 * template names the claim.
 */
export function startsPodsOn(object: ClusterObject, claims: readonly ClaimName[]): boolean {
    const { metadata, spec = {} } = object;
    const { replicas = 1, suspend = false, jobTemplate, template } = spec;
    if (suspend || replicas === 0) {
        return false;
    }
    const own = claims.filter(({ namespace }) => namespace === metadata.namespace);
    const volumes = (jobTemplate?.spec?.template ?? template)?.spec?.volumes ?? [];
    const named = new Set(volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []));
    return own.some((claim) => named.has(claim.name) || isOfReplica(object, claim));
}

/** Whether a claim is of a StatefulSet's pod that exists, or will as soon as it can. */
function isOfReplica({ metadata, spec = {} }: ClusterObject, claim: ClaimName): boolean {
    const { namespace = "", name = "" } = metadata;
    const { replicas = 1, ordinals, volumeClaimTemplates = [] } = spec;
    const templates = volumeClaimTemplates.map((one) => one.metadata?.name ?? "");
    const ordinal = memberOf(claim, [{ namespace, name, templates }])?.ordinal;
    const first = ordinals?.start ?? 0;
    return ordinal !== undefined && ordinal >= first && ordinal < first + replicas;
}
