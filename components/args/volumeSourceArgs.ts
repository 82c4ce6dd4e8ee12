import type { Input } from "@pulumi/pulumi";

/**
 * Disks of another storage whose volumes new ones are copies of, each of the one of the same ordinal, found by its tags
 * in the storage's own region and account. EC2 copies a volume at once, in use or not, as it is at that moment, in its
 * own zone and with its own encryption.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copying-volume.html (read on 2026-11-27)
 */
export interface VolumeCopyArgs {
    /** Name of the other storage's cluster, as in its `clusterName`. */
    cluster: Input<string>;
    /** Name of the other storage, or its `persistentVolume.namePrefix` if it has one. */
    storage: Input<string>;
}

/**
 * Disks of another storage whose snapshots new volumes start from, each from the newest one of the same ordinal. They
 * are found by the tags that volumes and their snapshots have: in the storage's own region, or in `region`, and in its
 * account. Snapshots that another account shares show no tags: name those with `snapshotId`.
 */
export interface VolumeSourceArgs {
    /** Name of the other storage's cluster, as in its `clusterName`. */
    cluster: Input<string>;
    /** Name of the other storage, or its `persistentVolume.namePrefix` if it has one. */
    storage: Input<string>;
    /**
     * Region that the snapshots are in. Each is copied to the storage's region first, which takes hours for large ones. The
     * copies stay in EC2 when `region` or `from` is taken away, as all snapshots do.
     *
     * @default - the storage's region, in which nothing has to be copied
     */
    region?: Input<string>;
    /**
     * Time in UTC, such as 2026-11-27T03:00:00Z: only snapshots that were begun before it count.
     *
     * @default - the newest complete snapshot
     */
    before?: Input<string>;
}
