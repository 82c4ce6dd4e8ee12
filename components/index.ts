export { CsiDriver, DeletionPolicy, VolumeType } from "./args";
export type {
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
