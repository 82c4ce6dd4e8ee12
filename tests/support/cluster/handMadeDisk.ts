import type {
    KubernetesObject,
    V1PersistentVolumeClaim,
    V1PersistentVolumeSpec,
} from "@kubernetes/client-node";
import { namespace, podOf } from "./diskCluster";
import type { DiskCluster, DiskInUse } from "./diskCluster";

/** A disk whose volume and objects somebody has made by hand. */
export interface HandMadeDisk {
    /** Of the PersistentVolume. */
    name: string;
    zone: string;
    /** Name of the claim, and of the pod that uses it. Without it the PersistentVolume stays Available. */
    claim?: string;
    /** The volume's tags. */
    tags: Readonly<Record<string, string>>;
    /** Size of the volume. Defaults to the 10 GiB of the PersistentVolume. */
    sizeGiB?: number;
    /** Whether EC2 has made the volume as a copy of another one. */
    isCopy?: boolean;
    /** Storage class. There is no object of this name. */
    className: string;
    /** Topology key of the node affinity, or undefined for none. */
    topologyKey?: string;
    /** Replaces parts of the PersistentVolume's spec, given the volume's id. */
    spec?: (volumeId: string) => Partial<V1PersistentVolumeSpec>;
    /** Whether the PersistentVolume is made by `kubectl create`, the default, or `kubectl apply`. */
    madeBy?: "create" | "apply";
}

const labels = { type: "ebs" };

/** Creates the volume, the PersistentVolume, the claim and the pod, one after the other, until the pod runs. */
export async function makeByHand(cluster: DiskCluster, disk: HandMadeDisk): Promise<DiskInUse> {
    const { name, zone, claim, sizeGiB: Size = 10, tags, isCopy } = disk;
    const asked = { AvailabilityZone: zone, Size, VolumeType: "gp2" as const };
    const volumeId = isCopy
        ? await cluster.copyVolume(await cluster.createVolume(asked, { Name: "source" }), tags)
        : await cluster.createVolume(asked, tags);
    const spec = specOf(disk, volumeId);
    await cluster.core.createPersistentVolume(
        madeBy(disk.madeBy, { apiVersion: "v1", kind: "PersistentVolume", metadata: { name, labels }, spec }),
    );
    // The controller binds only what is Available, and tries again only after 15 s.
    await cluster.inPhase(name, "Available");
    const made = { persistentVolume: name, volumeId, zone };
    if (claim === undefined) {
        return made;
    }
    await cluster.core.createNamespacedPersistentVolumeClaim({
        namespace,
        ...madeBy("create", claimOf(claim, spec)),
    });
    await cluster.bound(claim);
    const pod = podOf(claim, { zone, ...spec });
    await cluster.core.createNamespacedPod({ namespace, ...madeBy("create", pod) });
    await cluster.running(claim);
    return { ...made, claim, pod: claim };
}

function specOf(
    { className, topologyKey, zone, spec }: HandMadeDisk,
    volumeHandle: string,
): V1PersistentVolumeSpec {
    return {
        accessModes: ["ReadWriteOnce"],
        capacity: { storage: "10Gi" },
        csi: { driver: "ebs.csi.aws.com", fsType: "ext4", volumeHandle },
        ...(topologyKey !== undefined && { nodeAffinity: affinity(topologyKey, [zone]) }),
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: className,
        ...spec?.(volumeHandle),
    };
}

function claimOf(name: string, spec: V1PersistentVolumeSpec): V1PersistentVolumeClaim {
    const { accessModes, storageClassName, volumeMode } = spec;
    return {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name },
        spec: {
            accessModes,
            storageClassName,
            ...(volumeMode !== undefined && { volumeMode }),
            resources: { requests: { storage: "10Gi" } },
        },
    };
}

/** Node affinity of one term with one key. */
export function affinity(key: string, values: string[]): V1PersistentVolumeSpec["nodeAffinity"] {
    return {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values }] }] },
    };
}

/**
 * The request with which kubectl 1.36 creates an object: the field manager, and with client-side `apply` the annotation
 * with the manifest, whose keys are sorted (GetModifiedConfiguration in k8s.io/kubectl/pkg/util/apply.go, read
 * on 2026-11-27).
 */
function madeBy<T extends KubernetesObject>(verb: HandMadeDisk["madeBy"], manifest: T) {
    if (verb !== "apply") {
        return { body: manifest, fieldManager: "kubectl-create" };
    }
    const { metadata } = manifest;
    const configured = { ...manifest, metadata: { ...metadata, annotations: {} } };
    const text = JSON.stringify(configured, (_key, value: unknown) => sorted(value));
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": `${text}\n` };
    return {
        body: { ...manifest, metadata: { ...metadata, annotations } },
        fieldManager: "kubectl-client-side-apply",
    };
}

function sorted(value: unknown): unknown {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
        : value;
}
