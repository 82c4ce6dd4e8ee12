import type { Input } from "@pulumi/pulumi";
import type { BackupArgs } from "./backupArgs";
import type { MoveArgs } from "./moveArgs";
import type { NodesArgs } from "./nodesArgs";
import type { Placement } from "../plan/zoneTurns";

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

/** What happens to a volume that the program no longer asks for, on scale-down and on destroy. */
export const DeletionPolicy = {
    /** The volume stays in EC2 with its data and leaves the state. */
    Retain: "Retain",
    /** A last snapshot is taken and stays; the volume is deleted. */
    Snapshot: "Snapshot",
    /** The volume is deleted, and the data with it. */
    Delete: "Delete",
} as const;
/** One of the deletion policies. */
export type DeletionPolicy = (typeof DeletionPolicy)[keyof typeof DeletionPolicy];

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
    /** Tags beside those that the component sets itself. An override's come on top of the storage's. */
    tags?: Input<Record<string, Input<string>>>;
}

/** The EBS volumes of a storage. */
export interface VolumeArgs extends VolumeSettings {
    /** Size in GiB, a whole number. A volume can grow, never shrink. */
    sizeGiB: Input<number>;
}

/**
 * What is different for one ordinal. An override of `type` leaves the storage's `iops` and
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
     * Id of an EBS volume that exists and isn't this program's: it gets a PersistentVolume and is never
     * changed or deleted. Its own zone, size and encryption count, so no other setting of a volume may be
     * given beside it.
     *
     * @default - a volume is created
     */
    volumeId?: Input<string>;
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

/** CSI drivers for EBS volumes. */
export const CsiDriver = {
    /** The EBS CSI driver, also as an EKS add-on. */
    ebs: "ebs.csi.aws.com",
    /** The driver that EKS Auto Mode has built in. */
    eksAutoMode: "ebs.csi.eks.amazonaws.com",
} as const;
/** One of the CSI drivers. */
export type CsiDriver = (typeof CsiDriver)[keyof typeof CsiDriver];

/** The Kubernetes PersistentVolumes of a storage. */
export interface PersistentVolumeArgs {
    /**
     * The PersistentVolumes are called `<namePrefix>-<ordinal>`. Plain, since names are identity.
     *
     * @default - the component's name
     */
    namePrefix?: string;
    /**
     * Ordinals in the names have at least this many digits: 2 makes `-01`. Plain, since names are
     * identity.
     *
     * @default 1
     */
    ordinalDigits?: number;
    /** Labels beside the zone label that the component sets itself. */
    labels?: Input<Record<string, Input<string>>>;
    /** Annotations. */
    annotations?: Input<Record<string, Input<string>>>;
    /**
     * File system that an empty volume gets when it is first mounted: ext4, ext3 or xfs. For a volume
     * from a snapshot, the one that the snapshot has.
     *
     * @default "ext4"
     */
    fsType?: Input<string>;
    /**
     * ReadWriteOnce, for the pods of one node, or ReadWriteOncePod, for one pod.
     *
     * @default ["ReadWriteOnce"]
     */
    accessModes?: Input<Input<string>[]>;
    /** Mount options such as noatime. */
    mountOptions?: Input<Input<string>[]>;
    /**
     * Filesystem, or Block for pods that use the device as it is. Plain, since `fsType` and
     * `mountOptions` depend on it.
     *
     * @default "Filesystem"
     */
    volumeMode?: string;
    /**
     * The CSI driver that attaches the volumes: ebs.csi.aws.com, or ebs.csi.eks.amazonaws.com for EKS Auto
     * Mode. Plain, since a PersistentVolume's driver is part of what it is.
     *
     * @default "ebs.csi.aws.com"
     */
    csiDriver?: CsiDriver;
}

/** The StorageClass that the PersistentVolumes and their claims name. */
export interface StorageClassArgs {
    /**
     * Name of the class.
     *
     * @default - the component's name
     */
    name?: Input<string>;
    /**
     * Whether the component creates the class. False uses one that exists in the cluster. Plain, since
     * it decides what is created.
     *
     * @default true
     */
    create?: boolean;
    /**
     * Whether claims of the class may ask for more than they have. Counts where the class is created.
     *
     * @default true
     */
    allowVolumeExpansion?: Input<boolean>;
}

/**
 * The claims that the PersistentVolumes are for: those of a StatefulSet, or named ones. Without them, any
 * claim of the class may take any PersistentVolume.
 */
export interface ClaimsArgs {
    /**
     * Namespace of the claims.
     *
     * @default "default"
     */
    namespace?: Input<string>;
    /**
     * Name of the StatefulSet whose pods have the ordinals of this storage. Plain, since names are identity.
     *
     * @default - `names` says which claims
     */
    statefulSet?: string;
    /**
     * Name of the volumeClaimTemplate in `statefulSet`: the claims are called
     * `<template>-<statefulSet>-<ordinal>`. Plain, since names are identity.
     *
     * @default - `names` says which claims
     */
    template?: string;
    /**
     * Names of the claims, one for each ordinal, in order. Plain, since names are identity.
     *
     * @default - `statefulSet` and `template` say which claims
     */
    names?: string[];
    /**
     * Whether the component creates the claims. Otherwise their PersistentVolumes are reserved for them,
     * and whoever needs them creates them, as a StatefulSet does. Plain, since it decides what is created.
     *
     * @default false
     */
    create?: boolean;
}

/** A StorageClass for disks that Kubernetes itself creates, in the same zones. */
export interface DynamicStorageClassArgs {
    /** Name of the class. */
    name: Input<string>;
    /**
     * What happens to such a disk when its claim is deleted: Retain or Delete. Can't be changed on an
     * existing class.
     *
     * @default "Retain"
     */
    reclaimPolicy?: Input<string>;
}

/** Arguments of {@link ZonalPersistentStorage}. */
export interface ZonalPersistentStorageArgs {
    /** Name of the Kubernetes cluster, for kops with its domain: `proyecto.k8s.local`. */
    clusterName: Input<string>;
    /**
     * Region that the nodes and the volumes are in, such as eu-west-1. A volume can't change its region: one
     * that exists in another is an error.
     *
     * @default - the AWS provider's
     */
    region?: Input<string>;
    /**
     * How to find the cluster's node instances. Where zones are given, only to warn of those without nodes.
     *
     * @default - the instances in the security group `nodes.<clusterName>`
     */
    nodes?: NodesArgs;
    /**
     * Availability zones for new volumes, in any order, by name or id (eu-west-1a or euw1-az1).
     *
     * @default - those of the running node instances
     */
    zones?: Input<Input<string>[]>;
    /**
     * How zones are chosen for new volumes: RoundRobin, or ByNodeCount for as many volumes in a zone as it has
     * nodes, in proportion. A volume that exists stays where it is.
     *
     * @default "RoundRobin"
     */
    placement?: Input<Placement>;
    /**
     * Availability zone of each ordinal's new volume, by name or id, by ordinal. Where a StatefulSet has
     * several templates, one storage takes it from the other, and all disks of a pod are in one zone:
     * `zoneByOrdinal: data.zoneByOrdinal`.
     *
     * @default - as `placement` has it
     */
    zoneByOrdinal?: Input<Record<string, Input<string>>>;
    /** Number of volumes, at least 1. Plain, since it decides what is created. */
    count: number;
    /**
     * First ordinal. Plain, since ordinals are identity.
     *
     * @default 0
     */
    start?: number;
    /** The EBS volumes. */
    volume: VolumeArgs;
    /** What is different for single ordinals, by ordinal. The keys are plain, since they are identity. */
    overrides?: Record<string, OverrideArgs>;
    /**
     * What happens to a volume on scale-down and destroy: Retain, Snapshot or Delete. Plain, since the
     * engine needs it before any value is known.
     *
     * @default "Retain"
     */
    deletionPolicy?: DeletionPolicy;
    /**
     * Whether the engine refuses to delete or replace a volume. Plain, since the engine needs it before
     * any value is known.
     *
     * @default true
     */
    protect?: boolean;
    /**
     * Snapshots of the volumes.
     *
     * @default - none
     */
    backup?: BackupArgs;
    /** The Kubernetes PersistentVolumes. */
    persistentVolume?: PersistentVolumeArgs;
    /** The StorageClass of the PersistentVolumes. */
    storageClass?: StorageClassArgs;
    /**
     * The claims that the PersistentVolumes are for.
     *
     * @default - any claim of the class
     */
    claims?: ClaimsArgs;
    /**
     * A second StorageClass, for disks that Kubernetes creates where a pod needs one, in the zones of this
     * storage only.
     *
     * @default - none
     */
    dynamicStorageClass?: DynamicStorageClassArgs;
}

/** What a storage made of one ordinal. */
export interface VolumeRecord {
    /** The ordinal. */
    ordinal: number;
    /** Availability zone that the volume is in. */
    zone: string;
    /** Id of the EBS volume. */
    volumeId: string;
    /** Name of the PersistentVolume. */
    persistentVolumeName: string;
    /** Id of the snapshot that the volume was made from; empty if there was none. */
    snapshotId: string;
    /** Ids of the volumes that the disk was moved from and that are kept. */
    keptVolumeIds: string[];
}
