/** Settings of a volume that a cluster's own controllers can change, as EC2 names them. */
export const ManagedByCluster = {
    /** Claims that are made larger with kubectl, by an autoscaler or by an operator. */
    size: "size",
    /** Volumes whose claims name a VolumeAttributesClass. */
    type: "type",
    /** The same. */
    iops: "iops",
    /** The same. */
    throughput: "throughput",
} as const;
/** One of them. */
export type ManagedByCluster = (typeof ManagedByCluster)[keyof typeof ManagedByCluster];
