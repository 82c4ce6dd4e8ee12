import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";
import { DiskCluster, namespace, timeoutSeconds, zoneLabel, zoneOfNode } from "./diskCluster";
import type { DiskInUse } from "./diskCluster";
import { affinity } from "./handMadeDisk";

/*
 * Plays external-provisioner with the EBS CSI driver. Sources, read on 2026-11-27:
 * - kubernetes-csi/external-provisioner 0688604f (after v6.3.0): Provision in pkg/controller/controller.go,
 *   GenerateVolumeNodeAffinity in pkg/controller/topology.go, the identity in cmd/csi-provisioner/csi-provisioner.go
 * - sig-storage-lib-external-provisioner v13: provisionClaimOperation in controller/controller.go
 * - kubernetes-sigs/aws-ebs-csi-driver 429e202e (chart 2.64.0, driver 1.64.0): CreateVolume and newCreateVolumeResponse in
 *   pkg/driver/controller.go, constants.go, and charts/aws-ebs-csi-driver (extraCreateMetadata, defaultFsType: ext4)
 */

/** A driver as its administrator has set it up. */
export interface DriverSetup {
    /** The driver's --k8s-tag-cluster-id. */
    readonly cluster: string;
    /** Name of the StorageClass. */
    readonly className: string;
    /** Defaults to ebs.csi.aws.com. */
    readonly driver?: string;
    /**
     * Key of the node affinity: drivers before 1.33.0 wrote their own (CHANGELOG.md, v1.33.0). Defaults to Kubernetes' one.
     */
    readonly topologyKey?: string;
    /** The driver's --extra-tags, or other tags that the volumes get besides. */
    readonly extraTags?: Readonly<Record<string, string>>;
}

/** Creates the StorageClass if there is none of this name. */
export async function makeStorageClass(cluster: DiskCluster, setup: DriverSetup): Promise<void> {
    const { className: name, driver = "ebs.csi.aws.com" } = setup;
    const body: V1StorageClass = {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: driver,
        parameters: { type: "gp3" },
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
    };
    const { items } = await cluster.storage.listStorageClass();
    if (!items.some(({ metadata }) => metadata?.name === name)) {
        await cluster.storage.createStorageClass({ body, fieldManager: "kubectl-create" });
    }
}

/**
 * Provisions a disk for each of these claims as soon as the scheduler has chosen its node, until their pods run.
 *
 * @param claims - Names of the claims, with the pod of each.
 */
export async function provision(
    cluster: DiskCluster,
    setup: DriverSetup,
    claims: ReadonlyMap<string, string>,
): Promise<DiskInUse[]> {
    const disks = new Map<string, DiskInUse>();
    const pods = [...claims.values()];
    const allRun = async () => {
        const { items } = await cluster.core.listNamespacedPersistentVolumeClaim({ namespace });
        await Promise.all(
            items.map(async (claim) => {
                const name = String(claim.metadata?.name);
                const pod = claims.get(name);
                if (pod !== undefined && !disks.has(name) && isForProvisioner(claim)) {
                    disks.set(name, { ...(await provisionDisk(cluster, setup, claim)), claim: name, pod });
                }
            }),
        );
        return (await cluster.runningPods(pods)).length === pods.length || undefined;
    };
    await until(allRun, `pods ${pods.join(", ")} to run`, timeoutSeconds);
    return [...claims.keys()].map((name) => disks.get(name)!);
}

/** Whether Kubernetes has told the provisioner to provision (shouldProvision of the library). */
function isForProvisioner({ metadata, spec }: V1PersistentVolumeClaim): boolean {
    const { annotations = {} } = metadata ?? {};
    return (
        spec?.volumeName === undefined &&
        annotations["volume.kubernetes.io/storage-provisioner"] !== undefined &&
        annotations["volume.kubernetes.io/selected-node"] !== undefined
    );
}

async function provisionDisk(cluster: DiskCluster, setup: DriverSetup, claim: V1PersistentVolumeClaim) {
    const name = claim.metadata?.annotations?.["volume.kubernetes.io/selected-node"] ?? "";
    const zone = zoneOfNode(await cluster.core.readNode({ name }));
    const persistentVolume = `pvc-${claim.metadata?.uid}`;
    const volumeId = await cluster.createVolume(
        {
            AvailabilityZone: zone,
            Size: Number.parseInt(claim.spec?.resources?.requests?.["storage"] ?? "", 10),
            VolumeType: "gp3",
        },
        tagsOf(setup, claim, persistentVolume),
    );
    const body = persistentVolumeOf(setup, claim, volumeId, zone);
    await cluster.core.createPersistentVolume({ body, fieldManager: "csi-provisioner" });
    return { persistentVolume, volumeId, zone };
}

/** The driver's tags of a volume. */
function tagsOf(
    { cluster, driver = "ebs.csi.aws.com", extraTags }: DriverSetup,
    { metadata }: V1PersistentVolumeClaim,
    persistentVolume: string,
): Record<string, string> {
    return {
        CSIVolumeName: persistentVolume,
        [`${driver}/cluster`]: "true",
        "kubernetes.io/created-for/pvc/name": String(metadata?.name),
        "kubernetes.io/created-for/pvc/namespace": String(metadata?.namespace),
        "kubernetes.io/created-for/pv/name": persistentVolume,
        [`kubernetes.io/cluster/${cluster}`]: "owned",
        Name: `${cluster}-dynamic-${persistentVolume}`,
        KubernetesCluster: cluster,
        ...(driver === "ebs.csi.aws.com" && { "ebs.csi.aws.com/cluster-name": cluster }),
        ...extraTags,
    };
}

const provisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";

/** The provisioner's PersistentVolume. The API server adds the finalizer kubernetes.io/pv-protection. */
function persistentVolumeOf(
    { className, driver = "ebs.csi.aws.com", topologyKey = zoneLabel }: DriverSetup,
    { metadata, spec }: V1PersistentVolumeClaim,
    volumeHandle: string,
    zone: string,
): V1PersistentVolume {
    return {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: {
            name: `pvc-${metadata?.uid}`,
            annotations: {
                "pv.kubernetes.io/provisioned-by": driver,
                "volume.kubernetes.io/provisioner-deletion-secret-name": "",
                "volume.kubernetes.io/provisioner-deletion-secret-namespace": "",
            },
            finalizers: [provisionerFinalizer],
        },
        spec: {
            accessModes: spec?.accessModes,
            capacity: { storage: spec?.resources?.requests?.["storage"] ?? "" },
            claimRef: {
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                name: metadata?.name,
                namespace: metadata?.namespace,
                resourceVersion: metadata?.resourceVersion,
                uid: metadata?.uid,
            },
            csi: {
                driver,
                ...(spec?.volumeMode !== "Block" && { fsType: "ext4" }),
                // Time of the provisioner's start in milliseconds, a number below 10000, and the driver.
                volumeAttributes: {
                    "storage.kubernetes.io/csiProvisionerIdentity": `1795716000000-4217-${driver}`,
                },
                volumeHandle,
            },
            nodeAffinity: affinity(topologyKey, [zone]),
            persistentVolumeReclaimPolicy: "Delete",
            storageClassName: className,
            volumeMode: spec?.volumeMode,
        },
    };
}

/**
 * Plays the provisioner's next look at its PersistentVolumes: those with reclaim policy Delete have its finalizer, those
 * with Retain don't (syncVolumeHandler in controller/controller.go of sig-storage-lib-external-provisioner v13, read
 * on 2026-11-27).
 */
export async function syncProvisioner(servers: Servers): Promise<void> {
    const { core } = new DiskCluster(servers);
    const { items } = await core.listPersistentVolume();
    for (const { metadata, spec } of items) {
        const { name = "", annotations, finalizers = [] } = metadata ?? {};
        if (annotations?.["pv.kubernetes.io/provisioned-by"] !== undefined) {
            const others = finalizers.filter((one) => one !== provisionerFinalizer);
            const isKept = spec?.persistentVolumeReclaimPolicy === "Retain";
            const value = isKept ? others : [...others, provisionerFinalizer];
            await core.patchPersistentVolume(
                { name, body: [{ op: "add", path: "/metadata/finalizers", value }] },
                setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
            );
        }
    }
}
