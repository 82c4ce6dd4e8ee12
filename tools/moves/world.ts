import { readStackWorld } from "../adopt/world";
import type { StackWorld } from "../adopt/world";
import { memberOf } from "../adopt/statefulSets";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import type { StateOverride } from "../inspect/overrides";
import { readSnapshots } from "../inspect/snapshots";
import type { Target } from "../inspect/target";
import { readPlaces } from "../nodes/place";
import type { Place } from "../nodes/place";
import { disksOf } from "./disks";
import type { Disk } from "./disks";
import { groupsOf } from "./groups";
import type { DiskGroup } from "./groups";

/** Disks and the places for them. */
export interface DiskWorld {
    readonly disks: readonly Disk[];
    /** All disks, those of one pod together. */
    readonly groups: readonly DiskGroup[];
    readonly places: readonly Place[];
    /** When they were read. */
    readonly at: Date;
}

/** Facts that moves depend on. */
export interface World extends StackWorld, DiskWorld {
    readonly region: string;
}

/**
 * Reads all of it, and changes nothing.
 *
 * @throws Error if anything of it can't be read: what wasn't seen can't be moved in safety.
 */
export async function readWorld(pulumi: Pulumi, clients: Clients, target: Target): Promise<World> {
    const stack = await readStackWorld(pulumi, clients, target);
    const { inventory, owners, stackFile } = stack;
    const { state, ec2 } = inventory;
    if (!state || !ec2) {
        throw new Error(
            "this needs a stack with disks: give --stack, or run it in the folder of the program",
        );
    }
    const ids = new Set(state.volumes.map(({ volumeId }) => volumeId));
    state.persistentVolumes.forEach(({ volumeId }) => volumeId !== undefined && ids.add(volumeId));
    const unseen: string[] = [];
    const snapshots = await readSnapshots(clients, [...ids], ec2.region, (line) => unseen.push(line));
    if (!snapshots) {
        throw new Error(unseen.join("; "));
    }
    const movesInState = (storage: string, ordinal: number): number | undefined => {
        const overrides = state.storages.find(({ name }) => name === storage)?.overrides;
        const override: StateOverride | undefined = overrides?.[ordinal];
        return override?.moves;
    };
    const disks = disksOf(inventory, snapshots, (storage, ordinal) =>
        stackFile ? stackFile.movesOf(storage, ordinal).length : movesInState(storage, ordinal),
    );
    const groups = groupsOf(disks, (claim) => {
        const [namespace = "", name = ""] = claim.split("/");
        const member = memberOf({ namespace, name }, owners);
        return member && `${member.namespace}/${member.statefulSet}-${member.ordinal}`;
    });
    return {
        ...stack,
        region: ec2.region,
        disks,
        groups,
        places: await readPlaces(clients, inventory.cluster),
        at: new Date(),
    };
}
