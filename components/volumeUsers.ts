import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import { DeletionPolicy } from "./args";
import { persistentVolumesIn, volumesIn } from "./recordedDisks";
import type { Component } from "./recordedDisks";
import { childTypes, childUrn } from "./stackState";
import type { StackState } from "./stackState";

/** A disk for which the args name a volume that exists. */
export interface NamedVolume {
    readonly ordinal: number;
    readonly volumeId: string;
    /** Name of the disk's resources in the program. */
    readonly logicalName: string;
}

const namedBy = new WeakMap<object, Map<string, string>>();

/**
 * The rule that a disk breaks whose volume another PersistentVolume of the stack is on, or another storage of the
 * program names.
 *
 * @param state - What the stack has; undefined where that isn't known.
 * @param components - The storage under the name that it has, and those that it had.
 * @param policy - Decides whether the stack may let go of a volume of its own and go on with it.
 */
export function otherUser(
    { volumeId, logicalName }: NamedVolume,
    state: StackState = {},
    components: readonly Component[],
    policy: DeletionPolicy,
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
    const isKept = policy === DeletionPolicy.Retain && urnsOf(childTypes.volume).includes(managed?.urn ?? "");
    if (managed && !isKept) {
        return `must not be a volume that the stack manages (${managed.urn}): take it out there and run pulumi up first`;
    }
    return namedElsewhere(volumeId, `${own?.urn}/${logicalName}`);
}

function namedElsewhere(volumeId: string, user: string): string | undefined {
    const monitor = getMonitor() as object | undefined;
    const users = (monitor && namedBy.get(monitor)) ?? new Map<string, string>();
    if (monitor) {
        namedBy.set(monitor, users);
    }
    const other = users.get(volumeId) ?? user;
    users.set(volumeId, other);
    return other === user ? undefined : `must not be the volume of ${other.split("/").at(-1)} too`;
}
