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
export { Placement } from "./placement";
export { ZonalPersistentStorage } from "./zonalPersistentStorage";
