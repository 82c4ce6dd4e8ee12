/** Type of the component. */
export const storageType = "zonal-persistent-storage:index:ZonalPersistentStorage";

/** Types of the children that hold data or point to it. */
export const childTypes = {
    volume: "aws:ebs/volume:Volume",
    /** A volume, too: made as a copy of another one. */
    volumeCopy: "aws:ebs/volumeCopy:VolumeCopy",
    snapshot: "aws:ebs/snapshot:Snapshot",
    snapshotCopy: "aws:ebs/snapshotCopy:SnapshotCopy",
    persistentVolume: "kubernetes:core/v1:PersistentVolume",
    claim: "kubernetes:core/v1:PersistentVolumeClaim",
} as const;

/** Types of resources that are EBS volumes. */
export const volumeTypes: readonly string[] = [childTypes.volume, childTypes.volumeCopy];

/** Whether resources of a type are EBS snapshots. */
export function isSnapshotType(type: string): boolean {
    return type === childTypes.snapshot || type === childTypes.snapshotCopy;
}

/** Whether resources of a type are EBS volumes. */
export function isVolumeType(type: string): boolean {
    return volumeTypes.includes(type);
}
