import type { V1PersistentVolume } from "@kubernetes/client-node";
import { nameOf, volumeIdOf } from "../inspect/persistentVolumes";
import type { State } from "../inspect/state";
import { isOnNamedVolume } from "../inspect/state";
import { statePersistentVolumesNamed, stateVolumesWithId } from "../inspect/stateLookups";

/**
 * Whether a stack has a disk already, so that nothing of it is left to adopt: an update has been to its PersistentVolume,
 * after the volume's, and nobody has changed the reclaim policy since.
 */
export function isManaged(persistentVolume: V1PersistentVolume, state: State | undefined): boolean {
    const volumeId = volumeIdOf(persistentVolume);
    const named = statePersistentVolumesNamed(state?.persistentVolumes, nameOf(persistentVolume));
    const recorded = named.find((one) => one.volumeId === volumeId);
    const hasVolume =
        recorded &&
        (isOnNamedVolume(recorded, state) ||
            stateVolumesWithId(state?.volumes, volumeId).some(({ storage }) => storage !== undefined));
    const isSafe =
        persistentVolume.spec?.persistentVolumeReclaimPolicy === "Retain" &&
        persistentVolume.status?.phase !== "Released";
    return Boolean(recorded?.storage && recorded.isUpdated && hasVolume && isSafe);
}
