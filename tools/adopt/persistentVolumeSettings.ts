import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import type { ExistingDisk } from "./existingDisk";

/**
 * The setting `persistentVolume` of a storage with a disk, for the disks that it will make. An existing PersistentVolume
 * keeps what it has, also where a storage can't have the like: several access modes, or another file system.
 */
export function persistentVolumeSettings({ shape, settings }: ExistingDisk): object {
    const { csiDriver, fsType = "", volumeMode, accessModes, mountOptions } = shape;
    const isBlock = volumeMode === "Block";
    const isShared = isBlock && settings.multiAttachEnabled === true && accessModes.includes("ReadWriteMany");
    const isForOnePod = accessModes.join() === "ReadWriteOncePod";
    const accessMode = isShared ? "ReadWriteMany" : isForOnePod ? "ReadWriteOncePod" : undefined;
    return {
        ...(csiDriver !== CsiDriver.ebs && { csiDriver }),
        ...(isBlock && { volumeMode }),
        ...(!isBlock && ["ext3", "xfs"].includes(fsType) && { fsType }),
        ...(accessMode !== undefined && { accessModes: [accessMode] }),
        ...(!isBlock && mountOptions.length > 0 && { mountOptions }),
    };
}
