/** A disk that a storage has made. */
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
