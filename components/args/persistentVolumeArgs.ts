import type { Input } from "@pulumi/pulumi";

/** CSI drivers for EBS volumes. */
export const CsiDriver = {
    /** The EBS CSI driver, also as an EKS add-on. */
    ebs: "ebs.csi.aws.com",
    /** The driver that EKS Auto Mode has built in. */
    eksAutoMode: "ebs.csi.eks.amazonaws.com",
} as const;
/** One of the CSI drivers. */
export type CsiDriver = (typeof CsiDriver)[keyof typeof CsiDriver];

/** Labels of nodes that have their zone. */
export const ZoneLabel = {
    /** The one that all nodes have. */
    kubernetes: "topology.kubernetes.io/zone",
    /** The one that only nodes of EKS Auto Mode have. */
    eksAutoMode: "topology.ebs.csi.eks.amazonaws.com/zone",
} as const;
/** One of the labels for zones. */
export type ZoneLabel = (typeof ZoneLabel)[keyof typeof ZoneLabel];

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
     * ReadWriteOnce, for the pods of one node, ReadWriteOncePod, for one pod, or ReadWriteMany, for pods of several
     * nodes: only with `volumeMode` Block and `volume.multiAttachEnabled`.
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
    /**
     * The label of nodes by which the PersistentVolumes name their zone: topology.kubernetes.io/zone, or, for EKS
     * Auto Mode, topology.ebs.csi.eks.amazonaws.com/zone. A change makes the PersistentVolumes again, for the same
     * volumes.
     *
     * @default - "topology.kubernetes.io/zone"; PersistentVolumes with the other one keep it
     */
    zoneLabel?: ZoneLabel;
}
