import type { V1PersistentVolumeSpec } from "@kubernetes/client-node";
import type { Servers } from "../../../sandbox/servers";
import { attachVolumes } from "./attachments";
import { DiskCluster, driverZoneLabel, namespace, podOf, zoneLabel } from "./diskCluster";
import type { DiskInUse } from "./diskCluster";
import { affinity, makeByHand } from "./handMadeDisk";
import { makeStorageClass, provision } from "./provisionedDisk";
import type { DriverSetup } from "./provisionedDisk";

/** Difference between a hand-made disk and an ordinary one. */
interface Difference {
    readonly sizeGiB?: number;
    readonly unclaimed?: boolean;
    readonly isCopy?: boolean;
    /** In the PersistentVolume, given the volume's id and the nodes' zones. */
    readonly spec?: (volumeId: string, zones: string[]) => Partial<V1PersistentVolumeSpec>;
}

const handMade = {
    /** The pod has the device, not a file system. */
    block: {
        spec: (volumeHandle) => ({ csi: { driver: "ebs.csi.aws.com", volumeHandle }, volumeMode: "Block" }),
    },
    readWriteOncePod: { spec: () => ({ accessModes: ["ReadWriteOncePod"] }) },
    /** No claim has ever been bound to it. */
    available: { unclaimed: true },
    /** Its claim was deleted. */
    released: {},
    /** Its node affinity allows all zones of the nodes, though its volume is in one. */
    severalZones: { spec: (_volumeId, zones) => ({ nodeAffinity: affinity(zoneLabel, zones) }) },
    /** The volume source of before CSI, which Kubernetes hands to the EBS CSI driver. */
    inTree: {
        spec: (volumeID) => ({ csi: undefined, awsElasticBlockStore: { volumeID, fsType: "ext4" } }),
    },
    /** The volume has 20 GiB, the PersistentVolume 10Gi. */
    biggerInEc2: { sizeGiB: 20 },
    /** EC2 has made its volume as a copy of another one. */
    copied: { isCopy: true },
} satisfies Record<string, Difference>;

/** Disks that other drivers have provisioned, for a bare pod. */
const provisioned = {
    /**
     * By a driver of before 1.33.0 as kops installs it, with the tags of the cluster's cloud labels as --extra-tags (kops
     * 005ceef4, upup/models/cloudup/resources/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml.template, read
     * on 2026-11-26).
     */
    kops: { topologyKey: driverZoneLabel, extraTags: { team: "ci", "cost-center": "4711" } },
    /**
     * By the driver of EKS Auto Mode, whose own parts aren't public. `kubectl describe pv` in a workshop for EKS Auto Mode
     * (provisioned 2024-12-28) shows Kubernetes' topology key alone. The tags are those that the policy
     * AmazonEKSBlockStoragePolicy admits (docs.aws.amazon.com/aws-managed-policy/latest/reference). Read on 2026-11-26.
     */
    eksAutoMode: { driver: "ebs.csi.eks.amazonaws.com" },
} satisfies Record<string, Partial<DriverSetup>>;

/** A kind of disk that differs from what the script and the driver make. */
export type OddDisk = keyof typeof handMade | keyof typeof provisioned;

/**
 * Makes one disk of a kind. A hand-made PersistentVolume, its claim and its pod are named like the kind, in lower case with
 * hyphens; the claim and pod of a provisioned one, too.
 */
export async function oddDisk(
    servers: Servers,
    kind: OddDisk,
    { cluster: clusterName }: { readonly cluster: string },
): Promise<DiskInUse> {
    const cluster = new DiskCluster(servers);
    await cluster.labelNodes();
    const zones = await cluster.zones();
    const name = kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (isProvisioned(kind)) {
        const disk = await provisionForPod(cluster, name, setupOf(kind, clusterName, name));
        await attachVolumes(servers);
        return disk;
    }
    const { sizeGiB, unclaimed, isCopy, spec }: Difference = handMade[kind];
    const disk = await makeByHand(cluster, {
        name,
        zone: zones[0]!,
        className: name,
        tags: { KubernetesCluster: clusterName },
        topologyKey: zoneLabel,
        ...(unclaimed !== true && { claim: name }),
        isCopy,
        ...(sizeGiB !== undefined && { sizeGiB }),
        ...(spec && { spec: (volumeId) => spec(volumeId, zones) }),
    });
    await attachVolumes(servers);
    return kind === "released" ? release(servers, cluster, disk) : disk;
}

function isProvisioned(kind: OddDisk): kind is keyof typeof provisioned {
    return kind in provisioned;
}

function setupOf(kind: keyof typeof provisioned, cluster: string, className: string): DriverSetup {
    const extraTags = kind === "eksAutoMode" && { extraTags: { "eks:eks-cluster-name": cluster } };
    return { cluster, className, ...extraTags, ...provisioned[kind] };
}

async function provisionForPod(cluster: DiskCluster, name: string, setup: DriverSetup): Promise<DiskInUse> {
    await makeStorageClass(cluster, setup);
    const fieldManager = "kubectl-create";
    await cluster.core.createNamespacedPersistentVolumeClaim({
        namespace,
        fieldManager,
        body: {
            metadata: { name },
            spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: setup.className,
                resources: { requests: { storage: "10Gi" } },
            },
        },
    });
    await cluster.core.createNamespacedPod({ namespace, fieldManager, body: podOf(name) });
    const [disk] = await provision(cluster, setup, new Map([[name, name]]));
    return disk!;
}

/** Deletes the pod and the claim of a disk, and returns what is left. */
async function release(servers: Servers, cluster: DiskCluster, disk: DiskInUse): Promise<DiskInUse> {
    const { persistentVolume, volumeId, zone, claim: name = "" } = disk;
    await cluster.core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
    await cluster.core.deleteNamespacedPersistentVolumeClaim({ name, namespace });
    await cluster.inPhase(persistentVolume, "Released");
    await attachVolumes(servers);
    return { persistentVolume, volumeId, zone };
}
