import type { Input } from "@pulumi/pulumi";
import type { MoveArgs } from "./moveArgs";
import type { VolumeCopyArgs, VolumeSourceArgs } from "./volumeSourceArgs";

/**
 * EBS volume types, as EC2 names them.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
 */
export const VolumeType = {
    /** General purpose SSD; IOPS and throughput are set apart from the size. */
    gp3: "gp3",
    /** General purpose SSD of the earlier generation; its IOPS follow from the size. */
    gp2: "gp2",
    /** SSD with provisioned IOPS. */
    io1: "io1",
    /** SSD with provisioned IOPS, more durable than io1. */
    io2: "io2",
    /** Hard disk for large files that are read from end to end. */
    st1: "st1",
    /** Hard disk for data that is seldom read. */
    sc1: "sc1",
    /** Magnetic disk of the first generation. */
    standard: "standard",
} as const;
/** One of the EBS volume types. */
export type VolumeType = (typeof VolumeType)[keyof typeof VolumeType];

/** Settings of an EBS volume that a storage has for all its ordinals and an override for one. */
export interface VolumeSettings {
    /**
     * Volume type: gp3, gp2, io1, io2, st1, sc1 or standard.
     *
     * @default "gp3"
     */
    type?: Input<VolumeType>;
    /**
     * Provisioned IOPS: only for gp3, io1 and io2, required for io1 and io2.
     *
     * @default - 3,000 for gp3
     */
    iops?: Input<number>;
    /**
     * Throughput in MiB/s: only for gp3.
     *
     * @default - 125 for gp3
     */
    throughputMiBps?: Input<number>;
    /**
     * Whether the volume is encrypted. Can't be changed on an existing volume.
     *
     * @default true
     */
    encrypted?: Input<boolean>;
    /**
     * ARN of the KMS key to encrypt with. Can't be changed on an existing volume.
     *
     * @default - the account's default key for EBS
     */
    kmsKeyId?: Input<string>;
    /**
     * Snapshot that the volume starts from. Can't be changed on an existing volume.
     *
     * @default - an empty volume
     */
    snapshotId?: Input<string>;
    /**
     * Rate in MiB/s at which EC2 loads the snapshot's blocks, 100 to 300: only with `snapshotId`.
     *
     * @default - blocks are loaded as they are read
     */
    initializationRateMiBps?: Input<number>;
    /**
     * Whether up to 16 instances of its zone may have the volume attached at once, for pods that keep their writes
     * apart themselves: only for io1 and io2, only with `persistentVolume.volumeMode` Block, and required for access
     * mode ReadWriteMany. Can't be changed on an existing volume: EC2 could on io2 alone, the AWS provider would
     * replace the volume. Disks of `dynamicStorageClass` have it by the access mode of their claims, if they are io2.
     *
     * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes-multi.html (read on 2026-11-26)
     * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/multi-attach.md (read on 2026-11-27)
     * @default false
     */
    multiAttachEnabled?: Input<boolean>;
    /** Tags beside those that the component sets itself. An override's come on top of the storage's. */
    tags?: Input<Record<string, Input<string>>>;
}

/** The EBS volumes of a storage. */
export interface VolumeArgs extends VolumeSettings {
    /** Size in GiB, a whole number. A volume can grow, never shrink. */
    sizeGiB: Input<number>;
    /**
     * Another storage whose snapshots new volumes start from, instead of a `snapshotId`. It counts once for each volume,
     * when that is created.
     *
     * @default - empty volumes, or as `snapshotId` says
     */
    from?: VolumeSourceArgs;
    /**
     * Another storage whose volumes new ones are copies of, in their zones. What it says counts once for each volume, when
     * that is created; that there is one must stay as long as the volume does, unless the ordinal has a `sourceVolumeId`.
     *
     * @default - empty volumes, or as `snapshotId` and `from` say
     */
    copyOf?: VolumeCopyArgs;
}

/**
 * Settings of one ordinal. An override of `type` leaves the storage's `iops` and
 * `throughputMiBps` behind: they belong to the type that they were given for.
 */
export interface OverrideArgs extends VolumeSettings {
    /**
     * Size in GiB of this ordinal's volume.
     *
     * @default - the storage's `volume.sizeGiB`
     */
    sizeGiB?: Input<number>;
    /**
     * Availability zone of this ordinal's volume, by name or id. It counts when the volume is created; an
     * existing volume can't change its zone.
     *
     * @default - as `placement` has it
     */
    zone?: Input<string>;
    /**
     * Id of the volume that this ordinal's one is a copy of, as with `volume.copyOf`. What it says counts once, when the
     * volume is created; that there is one must stay as long as the volume does.
     *
     * @default - as `volume.copyOf` has it
     */
    sourceVolumeId?: Input<string>;
    /**
     * Id of an EBS volume that exists and isn't this program's: it gets a PersistentVolume and is never
     * changed or deleted. Its own zone, size and encryption count, so no other setting of a volume may be
     * given beside it.
     *
     * @default - a volume is created
     */
    volumeId?: Input<string>;
    /**
     * Name of a PersistentVolume that exists and is on this ordinal's volume, which `adopt` of the command-line program
     * takes over while it is in use. Its labels and annotations become the storage's and its reclaim policy Retain;
     * everything else of it stays as it is, its class, access modes, node affinity and claim among them, until the disk
     * is moved. Plain, since names are identity.
     *
     * @default - as `persistentVolume` has it
     */
    persistentVolumeName?: string;
    /**
     * Moves of this ordinal's disk to new volumes that are made from snapshots, in the order in which they were
     * made. A move counts once, when it is added to the end; those that were made stay in the list. Plain,
     * since moves are identity.
     *
     * @default - the disk is where it was created
     */
    moves?: MoveArgs[];
    /**
     * Id of the volume that this ordinal's PersistentVolume is on, where that volume is lost or given up: only then
     * is another one made in its place, empty or from `snapshotId`. It means nothing afterwards, and can stay. Plain,
     * since it is checked before anything is known of the account.
     *
     * @default - a volume that is missing from the state is an error
     */
    lostVolumeId?: string;
}
