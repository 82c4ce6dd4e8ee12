import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";

// Only these fields are kept: most of what the API server sends are images, containers and who has set which field.

const instanceTypeLabel = "node.kubernetes.io/instance-type";

/** Zone, type and readiness of a node. */
export function nodeFields({ metadata, spec, status }: V1Node): V1Node {
    const { [zoneLabel]: zone, [instanceTypeLabel]: type } = metadata?.labels ?? {};
    return {
        metadata: {
            name: metadata?.name,
            labels: {
                ...(zone !== undefined && { [zoneLabel]: zone }),
                ...(type !== undefined && { [instanceTypeLabel]: type }),
            },
        },
        spec: { taints: spec?.taints, unschedulable: spec?.unschedulable },
        status: { conditions: status?.conditions?.filter((one) => one.type === "Ready") },
    };
}

/** Claims, owners, labels and node of a pod, and which nodes it accepts. */
export function podFields({ metadata, spec, status }: V1Pod): V1Pod {
    return {
        metadata: {
            namespace: metadata?.namespace,
            name: metadata?.name,
            uid: metadata?.uid,
            ownerReferences: metadata?.ownerReferences,
        },
        spec: {
            containers: [],
            nodeName: spec?.nodeName,
            nodeSelector: spec?.nodeSelector,
            affinity: spec?.affinity?.nodeAffinity && { nodeAffinity: spec.affinity.nodeAffinity },
            tolerations: spec?.tolerations,
            volumes: spec?.volumes?.filter((one) => one.persistentVolumeClaim !== undefined),
        },
        status: { phase: status?.phase },
    };
}

/** A PersistentVolume without who has set which field. */
export function persistentVolumeFields({ metadata, spec, status }: V1PersistentVolume): V1PersistentVolume {
    const { name, labels, annotations, deletionTimestamp } = metadata ?? {};
    return {
        metadata: { name, labels, annotations, deletionTimestamp },
        spec,
        status: { phase: status?.phase, message: status?.message },
    };
}

/** Requests and phase of a claim. */
export function claimFields({ metadata, spec, status }: V1PersistentVolumeClaim): V1PersistentVolumeClaim {
    const { namespace, name, uid, deletionTimestamp } = metadata ?? {};
    const { accessModes, resources, volumeMode } = spec ?? {};
    return {
        metadata: { namespace, name, uid, deletionTimestamp },
        spec: { accessModes, resources, volumeMode },
        status: { phase: status?.phase },
    };
}
