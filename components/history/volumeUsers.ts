import { perProgram } from "../engine/perProgram";
import { persistentVolumesIn, volumesIn } from "./recordedDisks";
import type { Component } from "../engine/formerNames";
import { childUrn } from "../engine/stackState";
import { childTypes, volumeTypes } from "../engine/resourceTypes";
import type { StackState } from "../engine/stackState";

/** A disk for which the args name a volume that exists. */
export interface NamedVolume {
    readonly ordinal: number;
    readonly volumeId: string;
    /** Name of the disk's resources in the program. */
    readonly logicalName: string;
}

/**
 * The rule that a disk breaks whose volume another PersistentVolume of the stack is on, or the stack manages.
 *
 * @param state - What the stack has; undefined where that isn't known.
 * @param components - The storage under the name that it has, and those that it had.
 */
export function otherUser(
    { volumeId, logicalName }: NamedVolume,
    state: StackState = {},
    components: readonly Component[],
): string | undefined {
    const [own] = components;
    const ownNames = components.map(({ name }) => name + logicalName.slice(own?.name.length));
    const urnsOf = (type: string) =>
        components.map(({ urn }, index) => childUrn(urn, type, ownNames[index] ?? ""));
    const persistentVolume = persistentVolumesIn(state).find(
        ({ urn, volumeId: id }) => id === volumeId && !urnsOf(childTypes.persistentVolume).includes(urn),
    );
    if (persistentVolume) {
        const { name, urn } = persistentVolume;
        return `must not be the volume of PersistentVolume ${name} too (${urn}): take it out there and run pulumi up first`;
    }
    const managed = volumesIn(state).find(({ id }) => id === volumeId);
    if (managed) {
        // Deleted as the policy of the last update says, which the state doesn't tell the program.
        const wayOut = volumeTypes.flatMap(urnsOf).includes(managed.urn)
            ? "leave volumeId out"
            : "take it out there and run pulumi up first";
        return `must not be a volume that the stack manages (${managed.urn}): ${wayOut}`;
    }
    return undefined;
}

/** A disk by the storage that names a volume for it. */
interface VolumeUser {
    /** The same object for all disks of a storage. */
    readonly storage: object;
    readonly logicalName: string;
}

const claimedVolumes = perProgram(() => new Map<string, VolumeUser[]>());

/** Tells the other storages of the program that a disk is to be on a volume. */
export function claimVolume(volumeId: string, user: VolumeUser): void {
    const volumes = claimedVolumes();
    const users = volumes.get(volumeId) ?? [];
    const isNew = !users.some(({ storage }) => storage === user.storage);
    volumes.set(volumeId, isNew ? [...users, user] : users);
}

/** The rule that a disk breaks whose volume another storage of the program names. */
export function otherClaim(volumeId: string, storage: object): string | undefined {
    const other = claimedVolumes()
        .get(volumeId)
        ?.find((user) => user.storage !== storage);
    return other && `must not be the volume of ${other.logicalName} too`;
}
