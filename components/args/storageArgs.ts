import type { Input } from "@pulumi/pulumi";
import type { BackupArgs } from "./backupArgs";
import type { ClaimsArgs } from "./claimsArgs";
import type { DeletionPolicy } from "./deletionPolicy";
import type { ManagedByCluster } from "./managedByCluster";
import type { NodesArgs } from "./nodesArgs";
import type { PersistentVolumeArgs } from "./persistentVolumeArgs";
import type { Placement } from "./placement";
import type { DynamicStorageClassArgs, StorageClassArgs } from "./storageClassArgs";
import type { OverrideArgs, VolumeArgs } from "./volumeArgs";

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
    /**
     * Settings of the volumes that the cluster's own controllers change: size where claims grow without this program, type with
     * iops and throughput where they have a VolumeAttributesClass. The settings then count for new volumes only, and an
     * existing volume stays as the cluster has made it. Plain, since the engine needs it before any value is known.
     *
     * @see https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/ (read on 2026-11-27)
     * @default - none: this program alone changes them
     */
    managedByCluster?: ManagedByCluster[];
    /** Settings of single ordinals, by ordinal. The keys are plain, since they are identity. */
    overrides?: Record<string, OverrideArgs>;
    /**
     * Whether a volume stays on scale-down and destroy: Retain, Snapshot or Delete. Plain, since the
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
