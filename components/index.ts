export { CsiDriver, DeletionPolicy, VolumeType } from "./args";
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
} from "./args";
export { NodesPreset } from "./nodesArgs";
export type { NodesArgs, NodesFilterArgs } from "./nodesArgs";
export type { BackupArgs, BackupCopyArgs } from "./backupArgs";
export { MoveFrom, PreviousVolume } from "./movesArgs";
export type { MoveArgs } from "./movesArgs";
export { Placement } from "./placement";
export { ZonalPersistentStorage } from "./zonalPersistentStorage";
