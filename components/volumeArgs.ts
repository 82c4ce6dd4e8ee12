import type * as aws from "@pulumi/aws";
import { all, output } from "@pulumi/pulumi";
import type { Input, Output } from "@pulumi/pulumi";
import { DeletionPolicy } from "./args";
import type { ZonalPersistentStorageArgs } from "./args";
import { backupTags } from "./backups";
import { claimNamespace } from "./manifests";
import type { Disk } from "./plan";
import { volumeTags } from "./tags";

/** Where a new volume is, and what is on it. */
export interface Origin {
    readonly availabilityZone: Input<string>;
    /** The snapshot that it is made from, if it isn't empty. */
    readonly snapshotId?: Input<string>;
}

/** A volume that a disk is on or, if it is kept, was on. */
export function volumeArgs(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    isKept: boolean,
    origin: Origin,
): aws.ebs.VolumeArgs {
    const { settings } = disk;
    return {
        ...origin,
        region: args.region,
        size: settings.sizeGiB,
        type: settings.type,
        iops: settings.iops,
        throughput: settings.throughputMiBps,
        encrypted: settings.encrypted,
        kmsKeyId: settings.kmsKeyId,
        volumeInitializationRate:
            origin.snapshotId === undefined ? undefined : settings.initializationRateMiBps,
        tags: tagsOf(args, disk, isKept),
        finalSnapshot: args.deletionPolicy === DeletionPolicy.Snapshot,
    };
}

/** The tags that others go by, the backup's, the user's. */
function tagsOf(
    args: ZonalPersistentStorageArgs,
    { storageName, persistentVolumeName, claimName, tags }: Disk,
    isKept: boolean,
): Output<Record<string, string>> {
    const backup = args.backup && !isKept ? backupTags(storageName, args) : {};
    return all([args.clusterName, claimNamespace(args), output(tags), backup]).apply(
        ([clusterName, namespace, maps, backedUp]) => {
            const claim = claimName === undefined ? undefined : { namespace, name: claimName };
            const own = volumeTags(
                clusterName,
                persistentVolumeName,
                args.persistentVolume?.csiDriver,
                claim,
            );
            return Object.assign({}, own, backedUp, ...maps) as Record<string, string>;
        },
    );
}
