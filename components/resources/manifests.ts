import type * as kubernetes from "@pulumi/kubernetes";
import { all, interpolate, output } from "@pulumi/pulumi";
import type { Input, Output } from "@pulumi/pulumi";
import { CsiDriver } from "../args/persistentVolumeArgs";
import type { ZoneLabel } from "../args/persistentVolumeArgs";
import { isDeferred } from "../args/deferred";
import type { DynamicStorageClassArgs } from "../args/storageClassArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { nodeLabels, zoneLabel } from "../plan/zoneLabels";
import type { Disk } from "../plan/disks";
import { isManagedByCluster, settingsOf } from "../plan/volumeSettings";
import { volumeSettings } from "../schema/volumeTable";
import type { VolumeSettingName } from "../schema/volumeTable";

/** The volume of a disk, created or existing. */
export interface Volume {
    readonly id: Output<string>;
    /** The zone that it really is in. */
    readonly zone: Output<string>;
    readonly sizeGiB: Input<number>;
    /** The snapshot that it was made from; empty if there was none. */
    readonly snapshotId: Output<string>;
    /** Volumes that the disk was moved from and that are kept. */
    readonly keptIds: Output<string>[];
    /** Fails if the volume can't be what is asked for. */
    readonly checked: Output<unknown>;
}

/** A PersistentVolume for a volume, as the EBS CSI driver's static provisioning wants it. */
export function persistentVolumeManifest(
    args: ZonalPersistentStorageArgs,
    storageClassName: Input<string>,
    { persistentVolumeName, claimName }: Disk,
    { id, zone, sizeGiB }: Volume,
    ownLabels: Output<Record<string, string>>,
    zoneKey: Input<ZoneLabel>,
): kubernetes.core.v1.PersistentVolumeArgs {
    const { labels, annotations, mountOptions, fsType = "ext4", csiDriver } = args.persistentVolume ?? {};
    const { volumeMode, accessModes } = modes(args);
    const driver = csiDriver ?? CsiDriver.ebs;
    const term = (key: ZoneLabel) => ({
        matchExpressions: nodeLabels(driver, key, [zone]).map((label) => ({ ...label, operator: "In" })),
    });
    return {
        metadata: {
            name: persistentVolumeName,
            // Each by itself where it can be: one that is secret leaves the zone to be seen.
            labels: isDeferred(labels)
                ? all([labels, zone, ownLabels]).apply(([given, zone, own]) => ({
                      ...given,
                      [zoneLabel]: zone,
                      ...own,
                  }))
                : ownLabels.apply((own) => ({ ...labels, [zoneLabel]: zone, ...own })),
            annotations,
        },
        spec: {
            capacity: { storage: quantity(sizeGiB) },
            volumeMode,
            accessModes,
            mountOptions,
            persistentVolumeReclaimPolicy: "Retain",
            storageClassName,
            csi: { driver, volumeHandle: id, fsType: volumeMode === "Block" ? undefined : fsType },
            // Namespace and name reserve it; the rest of the reference is for Kubernetes to write.
            claimRef: claimName === undefined ? undefined : claimReference(args, claimName),
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        typeof zoneKey === "string" ? term(zoneKey) : output(zoneKey).apply(term),
                    ],
                },
            },
        },
    };
}

/** A claim for a disk's PersistentVolume and no other. */
export function claimManifest(
    args: ZonalPersistentStorageArgs,
    storageClassName: Input<string>,
    { claimName }: Disk,
    { sizeGiB }: Volume,
    persistentVolume: kubernetes.core.v1.PersistentVolume,
): kubernetes.core.v1.PersistentVolumeClaimArgs {
    const storage = quantity(sizeGiB);
    const isBound = "jsonpath={.status.phase}=Bound";
    const hasSize = interpolate`jsonpath={.spec.resources.requests.storage}=${storage}`;
    return {
        metadata: {
            name: claimName,
            namespace: claimNamespace(args),
            // The provider's own wait is for a claim that waits for its pod; this one is bound at once. It is still
            // bound while it grows: without the second condition the state could keep it as it was before.
            annotations: {
                "pulumi.com/waitFor": isManagedByCluster(args, "size")
                    ? isBound
                    : interpolate`["${isBound}", "${hasSize}"]`,
            },
        },
        spec: {
            ...modes(args),
            storageClassName,
            // From the object, so that a PersistentVolume that is made again has its claim made again too.
            volumeName: persistentVolume.metadata.name,
            resources: { requests: { storage } },
        },
    };
}

/** The class of the PersistentVolumes: nothing is provisioned for it. */
export function storageClassManifest(
    { storageClass }: ZonalPersistentStorageArgs,
    name: Input<string>,
): kubernetes.storage.v1.StorageClassArgs {
    return {
        metadata: { name },
        provisioner: "kubernetes.io/no-provisioner",
        volumeBindingMode: "WaitForFirstConsumer",
        reclaimPolicy: "Retain",
        allowVolumeExpansion: storageClass?.allowVolumeExpansion ?? true,
    };
}

/** A class for which the driver creates disks like those of the storage, in its zones. */
export function dynamicStorageClassManifest(
    args: ZonalPersistentStorageArgs,
    { name, reclaimPolicy = "Retain" }: DynamicStorageClassArgs,
    zones: Input<string[]>,
    zoneKey: Input<ZoneLabel>,
): kubernetes.storage.v1.StorageClassArgs {
    const { fsType = "ext4", csiDriver = CsiDriver.ebs } = args.persistentVolume ?? {};
    const term = (key: ZoneLabel) => ({ matchLabelExpressions: nodeLabels(csiDriver, key, zones) });
    return {
        metadata: { name },
        provisioner: csiDriver,
        volumeBindingMode: "WaitForFirstConsumer",
        reclaimPolicy,
        allowVolumeExpansion: args.storageClass?.allowVolumeExpansion ?? true,
        parameters: output({ settings: settingsOf(args.volume), fsType }).apply((known) => ({
            ...classParameters(known.settings),
            "csi.storage.k8s.io/fstype": known.fsType,
        })),
        allowedTopologies: [typeof zoneKey === "string" ? term(zoneKey) : output(zoneKey).apply(term)],
    };
}

/** Settings of volumes as parameters of a class: each of them is text. */
function classParameters(
    settings: Readonly<Partial<Record<VolumeSettingName, string | number | boolean>>>,
): Record<string, string> {
    const parameters = volumeSettings.flatMap(({ name, parameter }): [string, string][] => {
        const value = settings[name];
        return parameter === undefined || value === undefined ? [] : [[parameter, String(value)]];
    });
    return Object.fromEntries(parameters);
}

/** Namespace of a storage's claims. */
export function claimNamespace({ claims }: ZonalPersistentStorageArgs): Input<string> {
    return claims?.namespace ?? "default";
}

function quantity(sizeGiB: Input<number>): Input<string> {
    return typeof sizeGiB === "number" ? quantityOf(sizeGiB) : output(sizeGiB).apply(quantityOf);
}

/** A size as the API server writes it: 1024Gi comes back as 1Ti. */
function quantityOf(sizeGiB: number): string {
    return sizeGiB % 1024 === 0 ? `${sizeGiB / 1024}Ti` : `${sizeGiB}Gi`;
}

function claimReference(args: ZonalPersistentStorageArgs, name: string) {
    return { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: claimNamespace(args), name };
}

function modes({ persistentVolume }: ZonalPersistentStorageArgs) {
    const { volumeMode = "Filesystem", accessModes = ["ReadWriteOnce"] } = persistentVolume ?? {};
    return { volumeMode, accessModes };
}
