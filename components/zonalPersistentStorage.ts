import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import { all, ComponentResource, interpolate, output } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { DeletionPolicy } from "./args";
import type { VolumeRecord, ZonalPersistentStorageArgs } from "./args";
import { checkArgs } from "./argsRules";
import { findZones } from "./nodeZones";
import { disksOf, volumeTags, zoneForOrdinal, zoneLabel } from "./plan";
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
        const checked = all([this.zones, output(args).apply((known) => checkArgs(name, known))]);
        const storageClass = this.storageClass(
            name,
            args,
            checked.apply(() => []),
        );
        const records = disksOf(name, args).map((disk) => {
            const volume = this.volume(args, disk, storageClass);
            const zone = zoneOf(volume, disk);
            this.persistentVolume(args, disk, volume, zone);
            const { ordinal, persistentVolumeName } = disk;
            return output({ ordinal, zone, volumeId: volume.id, persistentVolumeName });
        });

        this.volumes = all(records);
        this.registerOutputs({
            zones: this.zones,
            storageClassName: this.storageClassName,
            volumes: this.volumes,
        });
    }

    /** The class, made or found: the first thing to need the cluster, before any volume is created. */
    private storageClass(
        name: string,
        args: ZonalPersistentStorageArgs,
        dependsOn: Output<Resource[]>,
    ): Resource {
        const opts = { parent: this, dependsOn };
        if (args.storageClass?.create === false) {
            return kubernetes.storage.v1.StorageClass.get(`${name}-existing`, this.storageClassName, opts);
        }
        return new kubernetes.storage.v1.StorageClass(
            name,
            {
                metadata: { name: this.storageClassName },
                provisioner: "kubernetes.io/no-provisioner",
                volumeBindingMode: "WaitForFirstConsumer",
                reclaimPolicy: "Retain",
                allowVolumeExpansion: true,
            },
            opts,
        );
    }

    private volume(args: ZonalPersistentStorageArgs, disk: Disk, storageClass: Resource): aws.ebs.Volume {
        const { ordinal, logicalName, persistentVolumeName, zone, settings } = disk;
        const policy = args.deletionPolicy ?? DeletionPolicy.Retain;
        const guard = shrinkGuard();
        return new aws.ebs.Volume(
            logicalName,
            {
                availabilityZone: zone ?? this.zones.apply((zones) => zoneForOrdinal(zones, ordinal)),
                size: settings.sizeGiB,
                type: settings.type,
                iops: settings.iops,
                throughput: settings.throughputMiBps,
                encrypted: settings.encrypted,
                kmsKeyId: settings.kmsKeyId,
                snapshotId: settings.snapshotId,
                tags: all([args.clusterName, settings.tags]).apply(([clusterName, tags]) => ({
                    ...volumeTags(clusterName, persistentVolumeName),
                    ...tags,
                })),
                finalSnapshot: policy === DeletionPolicy.Snapshot,
            },
            {
                parent: this,
                dependsOn: storageClass,
                // The zone is decided once: nodes that come, go or move never touch a volume.
                ignoreChanges: ["availabilityZone"],
                protect: args.protect ?? true,
                retainOnDelete: policy === DeletionPolicy.Retain,
                hooks: guard && { beforeUpdate: [guard] },
                // A last snapshot is part of the deletion, and a large first one takes its time.
                customTimeouts: policy === DeletionPolicy.Snapshot ? { delete: "60m" } : undefined,
            },
        );
    }

    private persistentVolume(
        args: ZonalPersistentStorageArgs,
        { logicalName, persistentVolumeName, settings }: Disk,
        volume: aws.ebs.Volume,
        zone: Output<string>,
    ): kubernetes.core.v1.PersistentVolume {
        const { labels, annotations, fsType = "ext4" } = args.persistentVolume ?? {};
        const inZone = { key: zoneLabel, operator: "In", values: [zone] };
        return new kubernetes.core.v1.PersistentVolume(
            logicalName,
            {
                metadata: {
                    name: persistentVolumeName,
                    labels: all([labels, zone]).apply(([own, zone]) => ({ ...own, [zoneLabel]: zone })),
                    annotations,
                },
                spec: {
                    capacity: { storage: interpolate`${settings.sizeGiB}Gi` },
                    volumeMode: "Filesystem",
                    accessModes: ["ReadWriteOnce"],
                    persistentVolumeReclaimPolicy: "Retain",
                    storageClassName: this.storageClassName,
                    csi: { driver: "ebs.csi.aws.com", volumeHandle: volume.id, fsType },
                    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [inZone] }] } },
                },
            },
            {
                parent: this,
                // A capacity raised together with the claim's request keeps the file system from growing.
                ignoreChanges: ["spec.capacity"],
            },
        );
    }
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
