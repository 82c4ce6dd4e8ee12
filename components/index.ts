export { CsiDriver, DeletionPolicy, VolumeType } from "./args";
export type {
    ClaimsArgs,
    DynamicStorageClassArgs,
    NodesArgs,
    OverrideArgs,
    PersistentVolumeArgs,
    StorageClassArgs,
    VolumeArgs,
    VolumeRecord,
    VolumeSettings,
    ZonalPersistentStorageArgs,
} from "./args";
export { ZonalPersistentStorage } from "./zonalPersistentStorage";
