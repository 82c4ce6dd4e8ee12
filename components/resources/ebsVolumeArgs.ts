import type * as aws from "@pulumi/aws";
import { all, output } from "@pulumi/pulumi";
import type { Input } from "@pulumi/pulumi";
import { DeletionPolicy } from "../args/deletionPolicy";
import { VolumeType } from "../args/volumeArgs";
import type { VolumeArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { backupTags } from "./lifecyclePolicy";
import { hasDeferred, isDeferred } from "../args/deferred";
import { claimNamespace } from "./manifests";
import type { Disk, Generation } from "../plan/disks";
import { isManagedByCluster } from "../plan/volumeSettings";
import type { DiskSettings } from "../plan/volumeSettings";
import { inAwsNames, volumeSettings } from "../schema/volumeTable";
import { volumeTags } from "../plan/tags";
import { gp3Baseline } from "../validation/volumeLimits";

/** Where a new volume is, and what is on it. */
export interface Origin {
    readonly availabilityZone: Input<string>;
    /** The snapshot that it is made from, if it isn't empty. */
    readonly snapshotId?: Input<string | undefined>;
    /** Size in GiB. */
    readonly sizeGiB: Input<number>;
}

/** A volume that a disk is on or, if it is kept, was on. */
export function ebsVolumeArgs(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    { settings }: Generation,
    isKept: boolean,
    origin: Origin,
): aws.ebs.VolumeArgs {
    return {
        ...inAwsNames({
            ...settings,
            ...performance(settings),
            ...(leavesOutThroughput(args, settings) ? { throughputMiBps: undefined } : {}),
            encrypted: encryption(settings.encrypted),
            snapshotId: origin.snapshotId,
            sizeGiB: origin.sizeGiB,
            initializationRateMiBps:
                origin.snapshotId === undefined ? undefined : settings.initializationRateMiBps,
            tags: tagsOf(args, disk, isKept),
        }),
        availabilityZone: origin.availabilityZone,
        region: args.region,
        // A change of it makes the provider ask EC2 for an empty modification, so that Retain and Snapshot agree.
        finalSnapshot: args.deletionPolicy !== DeletionPolicy.Delete,
    };
}

/** A volume that is a copy of another one. */
export function volumeCopyArgs(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    { settings }: Generation,
    isKept: boolean,
    sourceVolumeId: Input<string>,
): aws.ebs.VolumeCopyArgs {
    const { iops, throughputMiBps } = performance(settings);
    return {
        sourceVolumeId,
        size: settings.sizeGiB,
        volumeType: settings.type,
        iops,
        throughput: throughputMiBps,
        region: args.region,
        tags: tagsOf(args, disk, isKept),
    };
}

/**
 * Args that count once, when the volume is made: the engine keeps what its state has of them. Those that the cluster
 * manages are among them.
 *
 * @param isKept - Whether the disk was moved away from the volume, which then stays as it is.
 */
export function settledOnceCreated(
    args: ZonalPersistentStorageArgs,
    { settings, isCopy }: Generation,
    isKept: boolean,
): string[] {
    return [
        isCopy ? "sourceVolumeId" : "availabilityZone",
        "region",
        ...volumeSettings.flatMap(({ name, aws, change, isSettled = () => change !== "modified" }) =>
            name !== "tags" &&
            !(name === "throughputMiBps" && !isCopy && leavesOutThroughput(args, settings)) &&
            (isSettled(settings[name]) ||
                (change === "modified" && (isKept || isManagedByCluster(args, aws))))
                ? [isCopy && aws === "type" ? "volumeType" : aws]
                : [],
        ),
        // Under Retain the engine never deletes, and either value is right.
        ...((args.deletionPolicy ?? DeletionPolicy.Retain) === DeletionPolicy.Retain
            ? ["finalSnapshot"]
            : []),
    ];
}

/**
 * EC2 answers `encrypted: false` with true where the account encrypts by default, and the provider would replace the
 * volume at every update.
 */
export function encryption(isEncrypted: DiskSettings["encrypted"]): Input<boolean | undefined> {
    return typeof isEncrypted === "boolean"
        ? isEncrypted || undefined
        : output(isEncrypted).apply((known) => known || undefined);
}

/**
 * gp3's IOPS and throughput are always said: left out, a change of type takes over those of the type before, and a
 * setting that is taken away would stay as it was.
 */
function performance({ type, iops, throughputMiBps }: DiskSettings): {
    iops: Input<number | undefined>;
    throughputMiBps: Input<number | undefined>;
} {
    const baseline = (value: Input<number> | undefined, otherwise: number): Input<number | undefined> =>
        typeof type === "string" && (value === undefined || typeof value === "number")
            ? (value ?? (type === VolumeType.gp3 ? otherwise : undefined))
            : all([type, output(value)]).apply(
                  ([known, given]) => given ?? (known === VolumeType.gp3 ? otherwise : undefined),
              );
    return {
        iops: baseline(iops, gp3Baseline.iops),
        throughputMiBps: baseline(throughputMiBps, gp3Baseline.throughputMiBps),
    };
}

/**
 * A volume that the cluster has given another type than gp3 is read with a throughput of 0. An ignored input would take it
 * over, and the provider rejects it.
 */
function leavesOutThroughput(args: ZonalPersistentStorageArgs, { throughputMiBps }: DiskSettings): boolean {
    return throughputMiBps === undefined && isManagedByCluster(args, "throughput");
}

/** Sources of tags that may be a secret. */
function tagSources(args: ZonalPersistentStorageArgs, { tags }: Disk) {
    return { clusterName: args.clusterName, namespace: claimNamespace(args), tags };
}

/**
 * Outputs of a volume or a snapshot that the engine has to be told are secret: the provider repeats the tags in
 * `tagsAll`. Where tags are outputs they may be secret, which isn't known before they are.
 */
export function secretOutputs(args: ZonalPersistentStorageArgs, disk: Disk): string[] | undefined {
    return hasDeferred(tagSources(args, disk)) ? ["tagsAll"] : undefined;
}

/**
 * The tags that others go by, the backup's, the user's. Each is an input of its own where it can be, so that one that
 * is secret leaves the others to be seen in the state, where tools go by them.
 */
export function tagsOf(args: ZonalPersistentStorageArgs, disk: Disk, isKept: boolean): VolumeArgs["tags"] {
    const { storageName, persistentVolumeName, claimName } = disk;
    const { clusterName, namespace, tags } = tagSources(args, disk);
    const merge = (cluster: string, inNamespace: string): Record<string, string> => {
        const claim = claimName === undefined ? undefined : { namespace: inNamespace, name: claimName };
        const own = volumeTags(cluster, persistentVolumeName, args.persistentVolume?.csiDriver, claim);
        const backup = args.backup && !isKept ? backupTags(storageName, cluster) : {};
        return { ...own, ...backup };
    };
    const plain = tags.flatMap((map) => (isDeferred(map) ? [] : [map]));
    return typeof clusterName === "string" && typeof namespace === "string" && plain.length === tags.length
        ? merged([merge(clusterName, namespace), ...plain])
        : all([clusterName, namespace, output(tags)]).apply(([cluster, inNamespace, maps]) =>
              merged([merge(cluster, inNamespace), ...maps]),
          );
}

/** Maps as one, in which the last one's value counts. */
function merged<T>(maps: readonly (Readonly<Record<string, T>> | undefined)[]): Record<string, T> {
    return Object.fromEntries(maps.flatMap((map) => Object.entries(map ?? {})));
}
