import type { V1PersistentVolume } from "@kubernetes/client-node";
import { nameOf, volumeIdOf } from "../inspect/persistentVolumes";
import type { State } from "../inspect/state";
import { isOnNamedVolume } from "../inspect/state";

/**
 * Whether a stack has a disk already, so that nothing of it is left to adopt: an update has been to its PersistentVolume,
 * after the volume's, and nobody has changed the reclaim policy since.
 */
export function isManaged(persistentVolume: V1PersistentVolume, state: State | undefined): boolean {
    const volumeId = volumeIdOf(persistentVolume);
    const recorded = state?.persistentVolumes.find(
        (one) => one.name === nameOf(persistentVolume) && one.volumeId === volumeId,
    );
    const hasVolume =
        recorded &&
        (isOnNamedVolume(recorded, state) ||
            state?.volumes.some((one) => one.volumeId === volumeId && one.storage !== undefined));
    const isSafe =
        persistentVolume.spec?.persistentVolumeReclaimPolicy === "Retain" &&
        persistentVolume.status?.phase !== "Released";
    return Boolean(recorded?.storage && recorded.isUpdated && hasVolume && isSafe);
}
