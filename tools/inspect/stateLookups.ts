import { lookup } from "./lookup";
import type { State, StatePersistentVolume, StateVolume, Storage } from "./state";

/** Volumes of a state by id. */
export const stateVolumesWithId = lookup<StateVolume>(({ volumeId }) => [volumeId]);

/** Volumes of a state by the name of the PersistentVolume that they were created for. */
export const stateVolumesFor = lookup<StateVolume>(({ persistentVolumeName }) => [persistentVolumeName]);

/** PersistentVolumes of a state by name. */
export const statePersistentVolumesNamed = lookup<StatePersistentVolume>(({ name }) => [name]);

/** PersistentVolumes of a state by the id of their volume. */
export const statePersistentVolumesOf = lookup<StatePersistentVolume>(({ volumeId }) => [volumeId]);

const withPrefix = lookup<StatePersistentVolume>(({ name }) => [prefixOf(name)]);

/** The storage whose PersistentVolumes have this name's prefix. */
export function storageFor(persistentVolumeName: string, state: State | undefined): Storage | undefined {
    return withPrefix(state?.persistentVolumes, prefixOf(persistentVolumeName))[0]?.storage;
}

/** A name without its ordinal. */
export function prefixOf(name: string): string {
    return name.replace(/-\d+$/, "");
}
