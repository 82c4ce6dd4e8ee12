import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import { all, ComponentResource, interpolate, log, output } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { CsiDriver, DeletionPolicy } from "./args";
import type { VolumeRecord, ZonalPersistentStorageArgs } from "./args";
import { checkArgs } from "./argsRules";
import { findVolumes, findZones } from "./queries";
import type { ExistingVolume } from "./queries";
import { disksOf, topologyKeys, volumeTags, zoneForOrdinal, zoneLabel } from "./plan";
import type { Disk } from "./plan";
import { userError } from "./problems";
import { shrinkGuard } from "./shrinkGuard";

/**
 * EBS volumes in the availability zones of a Kubernetes cluster's nodes, and a PersistentVolume for each.
 *
 * Volumes are numbered by ordinal, like the pods of a StatefulSet. A volume's zone is chosen once, when it
 * is created; nodes that come, go or move never touch a volume.
 *
 * @example
 * ```typescript
 * const storage = new ZonalPersistentStorage("jenkins", {
 *     clusterName: "proyecto.k8s.local",
 *     count: 3,
 *     volume: { sizeGiB: 10 },
 * });
 * ```
 */
export class ZonalPersistentStorage extends ComponentResource {
    /** Availability zones for new volumes, sorted: those of the running nodes, or those given. */
    public readonly zones: Output<string[]>;
    /** Name of the StorageClass that claims have to name. */
    public readonly storageClassName: Output<string>;
    /** What was made of each ordinal, in order. */
    public readonly volumes: Output<VolumeRecord[]>;

    /**
     * @param name - Name of the component; the PersistentVolumes are called after it.
     * @param args - What to create.
     * @param opts - Options; `providers` decide on the AWS account and the cluster.
     * @throws RunError that lists everything that is wrong with the name and the args.
     */
    constructor(name: string, args: ZonalPersistentStorageArgs, opts?: ComponentResourceOptions) {
        super("zonal-persistent-storage:index:ZonalPersistentStorage", name, checkArgs(name, args), opts);
        this.zones = findZones(args, { parent: this });
        this.storageClassName = output(args.storageClass?.name ?? name);

        // Everything waits for the class and the class for the answers, so that bad input, an AWS or a
        // cluster out of reach leave nothing half done.
        const existing = findVolumes(name, args, { parent: this });
        const checked = all([this.zones, existing, output(args).apply((known) => checkArgs(name, known))]);
        const ready = this.ready(
            name,
            args,
            checked.apply(() => []),
        );
        const records = disksOf(name, args).map((disk) => {
            const volume =
                disk.volumeId === undefined
                    ? this.createdVolume(args, disk, ready)
                    : this.existingVolume(disk, existing);
            this.persistentVolume(args, disk, volume, ready);
            const { ordinal, persistentVolumeName } = disk;
            return output({ ordinal, zone: volume.zone, volumeId: volume.id, persistentVolumeName });
        });

        this.volumes = all(records);
        this.registerOutputs({
            zones: this.zones,
            storageClassName: this.storageClassName,
            volumes: this.volumes,
        });
    }

    /** The first thing to need the cluster, before any volume is created: the class, if it is ours. */
    private ready(name: string, args: ZonalPersistentStorageArgs, dependsOn: Output<Resource[]>): Resource {
        const opts = { parent: this, dependsOn };
        const { create = true, allowVolumeExpansion = true } = args.storageClass ?? {};
        if (!create) {
            // Another storage of the same update may be about to create the class; this namespace is always there.
            return kubernetes.core.v1.Namespace.get(`${name}-cluster`, "default", opts);
        }
        return new kubernetes.storage.v1.StorageClass(
            name,
            {
                metadata: { name: this.storageClassName },
                provisioner: "kubernetes.io/no-provisioner",
                volumeBindingMode: "WaitForFirstConsumer",
                reclaimPolicy: "Retain",
                allowVolumeExpansion,
            },
            opts,
        );
    }

    private createdVolume(args: ZonalPersistentStorageArgs, disk: Disk, dependsOn: Resource): Volume {
        const { ordinal, logicalName, persistentVolumeName, settings } = disk;
        const policy = args.deletionPolicy ?? DeletionPolicy.Retain;
        const guard = shrinkGuard();
        const volume = new aws.ebs.Volume(
            logicalName,
            {
                availabilityZone: disk.zone ?? this.zones.apply((zones) => zoneForOrdinal(zones, ordinal)),
                size: settings.sizeGiB,
                type: settings.type,
                iops: settings.iops,
                throughput: settings.throughputMiBps,
                encrypted: settings.encrypted,
                kmsKeyId: settings.kmsKeyId,
                snapshotId: settings.snapshotId,
                volumeInitializationRate: settings.initializationRateMiBps,
                tags: all([args.clusterName, output(disk.tags)]).apply(([clusterName, tags]) =>
                    tags.reduce<Record<string, string>>(
                        (merged, one) => ({ ...merged, ...one }),
                        volumeTags(clusterName, persistentVolumeName, args.persistentVolume?.csiDriver),
                    ),
                ),
                finalSnapshot: policy === DeletionPolicy.Snapshot,
            },
            {
                parent: this,
                dependsOn,
                // The zone is decided once: nodes that come, go or move never touch a volume.
                ignoreChanges: ["availabilityZone"],
                protect: args.protect ?? true,
                retainOnDelete: policy === DeletionPolicy.Retain,
                hooks: guard && { beforeUpdate: [guard] },
                // A last snapshot is part of the deletion, and a large first one takes its time.
                customTimeouts: policy === DeletionPolicy.Snapshot ? { delete: "60m" } : undefined,
            },
        );
        return { id: volume.id, zone: zoneOf(volume, disk), sizeGiB: settings.sizeGiB };
    }

    /** A volume that isn't ours: read, never changed, never deleted. */
    private existingVolume(
        { ordinal }: Disk,
        existing: Output<Readonly<Record<number, ExistingVolume>>>,
    ): Volume {
        const found = existing.apply((volumes) => {
            const volume = volumes[ordinal] as ExistingVolume;
            if (volume.missingTags.length > 0) {
                void log.warn(
                    `volume ${volume.volumeId} lacks the tags ${volume.missingTags.join(" and ")}: the EBS CSI driver's ` +
                        "IAM policy may keep it from being attached",
                    this,
                );
            }
            return volume;
        });
        return { id: found.volumeId, zone: found.zone, sizeGiB: found.sizeGiB };
    }

    private persistentVolume(
        args: ZonalPersistentStorageArgs,
        { logicalName, persistentVolumeName }: Disk,
        { id, zone, sizeGiB }: Volume,
        dependsOn: Resource,
    ): kubernetes.core.v1.PersistentVolume {
        const { labels, annotations, mountOptions, ...settings } = args.persistentVolume ?? {};
        const {
            volumeMode = "Filesystem",
            csiDriver = CsiDriver.ebs,
            accessModes = ["ReadWriteOnce"],
        } = settings;
        const fsType = volumeMode === "Block" ? undefined : (settings.fsType ?? "ext4");
        const inZone = { key: topologyKeys[csiDriver], operator: "In", values: [zone] };
        return new kubernetes.core.v1.PersistentVolume(
            logicalName,
            {
                metadata: {
                    name: persistentVolumeName,
                    labels: all([labels, zone]).apply(([own, zone]) => ({ ...own, [zoneLabel]: zone })),
                    annotations,
                },
                spec: {
                    capacity: { storage: interpolate`${sizeGiB}Gi` },
                    volumeMode,
                    accessModes,
                    mountOptions,
                    persistentVolumeReclaimPolicy: "Retain",
                    storageClassName: this.storageClassName,
                    csi: { driver: csiDriver, volumeHandle: id, fsType },
                    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [inZone] }] } },
                },
            },
            {
                parent: this,
                dependsOn,
                // A capacity raised together with the claim's request keeps the file system from growing.
                ignoreChanges: ["spec.capacity"],
            },
        );
    }
}

/** The volume of a disk, created or existing. */
interface Volume {
    readonly id: Output<string>;
    readonly zone: Output<string>;
    readonly sizeGiB: Input<number>;
}

/** The zone that a volume really is in, which is not the one asked for if that came too late. */
function zoneOf(volume: aws.ebs.Volume, { ordinal, zone: wanted }: Disk): Output<string> {
    return all([volume.availabilityZone, wanted]).apply(([zone, wantedZone]) => {
        if (wantedZone !== undefined && wantedZone !== zone) {
            const property = `overrides.${ordinal}.zone`;
            throw userError(`the volume of ${property} exists in another zone`, [
                `${property} must be ${zone}, where the volume is and stays, or be left out, got "${wantedZone}"`,
            ]);
        }
        return zone;
    });
}
