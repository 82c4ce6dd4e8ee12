export { CsiDriver, DeletionPolicy, VolumeType } from "./args/storageArgs";
export type {
    ClaimsArgs,
    DynamicStorageClassArgs,
    OverrideArgs,
    PersistentVolumeArgs,
    StorageClassArgs,
    VolumeArgs,
    VolumeRecord,
    VolumeSettings,
    ZonalPersistentStorageArgs,
} from "./args/storageArgs";
export { NodesPreset } from "./args/nodesArgs";
export type { NodesArgs, NodesFilterArgs } from "./args/nodesArgs";
export type { BackupArgs, BackupCopyArgs } from "./args/backupArgs";
export { MoveFrom, PreviousVolume } from "./args/moveArgs";
export type { MoveArgs } from "./args/moveArgs";
export { Placement } from "./plan/zoneTurns";
export { ZonalPersistentStorage } from "./zonalPersistentStorage";
