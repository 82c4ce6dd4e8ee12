import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { freeingPatch } from "../../components/engine/failureAdvice";
import { claimOf, isStatic, nameOf } from "../inspect/persistentVolumes";
import { podsByClaim } from "../inspect/pods";
import { bytesIn } from "../inspect/quantity";
import type { Cluster } from "../inspect/cluster";
import type { Finding } from "./finding";
import { quoted, sh } from "../terminal/shell";

/** Problems of claims of EBS PersistentVolumes that were created without a provisioner. */
export function claimFindings({
    persistentVolumes,
    claims,
    pods,
}: Pick<Cluster, "persistentVolumes" | "claims" | "pods">): Finding[] {
    return persistentVolumes.filter(isStatic).flatMap((persistentVolume) => {
        const claim = claimOf(persistentVolume, claims);
        const users = claim ? podsByClaim(pods.withClaims, nameOf(claim)) : [];
        return [
            ...blocked(persistentVolume, claim, users),
            ...released(persistentVolume),
            ...waiting(persistentVolume, claim),
        ];
    });
}

/** A deletion that waits until no pod uses the disk. */
function blocked(
    persistentVolume: V1PersistentVolume,
    claim: V1PersistentVolumeClaim | undefined,
    users: readonly V1Pod[],
): Finding[] {
    const isGoing = persistentVolume.metadata?.deletionTimestamp ?? claim?.metadata?.deletionTimestamp;
    if (isGoing === undefined || claim === undefined) {
        return [];
    }
    const by =
        users.length === 0 ? "no pod uses" : `${users.map((pod) => `pod ${nameOf(pod)}`).join(", ")} uses`;
    return [
        {
            what: `PersistentVolume ${nameOf(persistentVolume)} is to be deleted, but claim ${nameOf(claim)} holds it, which ${by}`,
            mend: [
                ...users.map(endPod),
                ...(claim.metadata?.deletionTimestamp === undefined ? [deleteNamed("pvc", claim)] : []),
                "then run the same pulumi command again; if it was kubectl that deleted it, run pulumi refresh and pulumi up",
            ],
        },
    ];
}

/** A PersistentVolume whose claim was deleted: it stays reserved for that claim's uid. */
function released({ metadata, spec, status }: V1PersistentVolume): Finding[] {
    const phase = status?.phase;
    if ((phase !== "Released" && phase !== "Failed") || metadata?.deletionTimestamp !== undefined) {
        return [];
    }
    const { namespace, name } = spec?.claimRef ?? {};
    const claim = `its claim ${namespace}/${name} was deleted`;
    const policy = `reclaim policy ${spec?.persistentVolumeReclaimPolicy}`;
    const reason = status?.message === undefined ? "" : ` (${status.message})`;
    const why =
        phase === "Released"
            ? `${claim}, and a new one of that name would wait`
            : `${claim}, and Kubernetes could not do what ${policy} says${reason}`;
    return [
        {
            what: `PersistentVolume ${metadata?.name} is ${phase}: ${why}`,
            mend: [sh`kubectl patch pv/${metadata?.name} --type=json --patch=${freeingPatch(phase)}`],
        },
    ];
}

/** A pending claim with the right name whose request doesn't match its PersistentVolume. */
function waiting(
    { metadata, spec }: V1PersistentVolume,
    claim: V1PersistentVolumeClaim | undefined,
): Finding[] {
    if (claim?.status?.phase !== "Pending") {
        return [];
    }
    const [has, asks] = [spec?.capacity?.["storage"], claim.spec?.resources?.requests?.["storage"]];
    const modes = claim.spec?.accessModes?.filter((mode) => !spec?.accessModes?.includes(mode)) ?? [];
    const reasons = [
        ...((bytesIn(asks) ?? 0) > (bytesIn(has) ?? 0) ? [`asks for ${asks} of ${has}`] : []),
        ...(modes.length > 0
            ? [`asks for ${modes.join(", ")} and not ${spec?.accessModes?.join(", ")}`]
            : []),
        ...((claim.spec?.volumeMode ?? "Filesystem") === (spec?.volumeMode ?? "Filesystem")
            ? []
            : [`asks for volume mode ${claim.spec?.volumeMode}`]),
    ];
    return reasons.length === 0
        ? []
        : [
              {
                  what: `claim ${nameOf(claim)} waits for PersistentVolume ${metadata?.name}, which is reserved for it, but it ${reasons.join(" and ")}`,
                  mend: [deleteNamed("pvc", claim), "and create it as the PersistentVolume is"],
              },
          ];
}

/** Ends a pod. A StatefulSet would start it again, and is scaled down. */
function endPod(pod: V1Pod): string {
    const set = pod.metadata?.ownerReferences?.find(({ kind }) => kind === "StatefulSet");
    const ordinal = /-(\d+)$/.exec(pod.metadata?.name ?? "")?.[1];
    return set && ordinal !== undefined
        ? sh`kubectl scale statefulset/${set.name} --namespace=${pod.metadata?.namespace} --replicas=${ordinal}`
        : deleteNamed("pod", pod);
}

function deleteNamed(
    kind: "pod" | "pvc",
    { metadata }: { metadata?: { namespace?: string; name?: string } },
): string {
    return `kubectl delete ${kind}/${quoted(metadata?.name ?? "")} ${sh`--namespace=${metadata?.namespace}`}`;
}
