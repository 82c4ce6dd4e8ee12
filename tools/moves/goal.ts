import { printable } from "../../components/validation/problems";
import { MoveFrom } from "../../components/args/moveArgs";
import { compareNames } from "../inspect/order";
import { rebalanced } from "../nodes/rebalance";
import { newestSnapshot } from "./disks";
import type { Disk, DiskSnapshot } from "./disks";
import type { DiskGroup } from "./groups";
import type { DiskWorld } from "./world";

/** Disks to move, and where to. */
export interface Goal {
    readonly groups: readonly DiskGroup[];
    /** Zones that each disk may move to; undefined if disks stay in theirs. */
    readonly candidates?: readonly string[];
    /** Zone of each group by name, where it is decided already. */
    readonly zones?: ReadonlyMap<string, string>;
    /** The snapshot that a disk is made from; undefined if it has none. */
    readonly snapshotOf?: (disk: Disk) => DiskSnapshot | undefined;
}

/** Where disks are moved to, and by which snapshots. */
export interface MoveWish {
    /** Zones, by name. */
    readonly to?: readonly string[];
    readonly from?: MoveFrom;
}

/** All disks of a zone go to other zones. */
export function evacuation(world: DiskWorld, zone: string, { to }: MoveWish): Goal {
    const { disks, places } = world;
    const zones = unique([...disks.map((disk) => disk.zone), ...places.map((place) => place.zone)]);
    if (!zones.includes(zone)) {
        throw new Error(
            `--zone must be a zone with disks or nodes (${zones.map(printable).join(", ") || "none"}), got "${printable(zone)}"`,
        );
    }
    const inZone = ({ name, disks }: DiskGroup) => ({
        name,
        disks: disks.filter((disk) => disk.zone === zone),
    });
    const groups = world.groups.map(inZone).filter((group) => group.disks.length > 0);
    return { groups, candidates: targets(world, to).filter((one) => one !== zone) };
}

/** Named disks, with all disks of their pods, go to other zones. */
export function movement(world: DiskWorld, names: readonly string[], { to }: MoveWish): Goal {
    const groups = groupsNamed(world, names);
    return { groups, candidates: targets(world, to) };
}

/** As few disks as possible move, until no zone has two more disks of a storage than another. */
export function rebalancing(
    world: DiskWorld,
    storages: readonly string[] | undefined,
    { to }: MoveWish,
): Goal {
    const known = unique(world.disks.map(({ storage }) => storage));
    const unknown = (storages ?? []).filter((storage) => !known.includes(storage));
    if (unknown.length > 0) {
        throw new Error(
            `--storage must be storages of the stack (${known.map(printable).join(", ") || "none"}), got "${unknown.map(printable).join('", "')}"`,
        );
    }
    const candidates = targets(world, to);
    const groups = world.groups.filter(({ disks }) =>
        disks.every(({ storage }) => storages?.includes(storage) ?? true),
    );
    const placed = groups.map(({ name, disks }) => ({
        ...{ id: name, disks, zone: disks[0]?.zone ?? "" },
        pod: disks.flatMap(({ pods }) => pods.flatMap(({ spec }) => spec ?? []))[0],
    }));
    const { moves } = rebalanced(placed, world.places, candidates);
    const zones = new Map(moves.map(({ group, zone }) => [group.id, zone]));
    return { groups: groups.filter(({ name }) => zones.has(name)), candidates, zones };
}

/** Named disks go back to what they were, in their zones. */
export function restoration(world: DiskWorld, names: readonly string[], at: string): Goal {
    const groups = groupsNamed(world, names).map(({ name, disks }) => ({
        name,
        disks: disks.filter((disk) => names.includes(disk.name)),
    }));
    if (/^snap-[0-9a-f]+$/.test(at)) {
        return { groups, snapshotOf: ({ snapshots }) => snapshots.find(({ id }) => id === at) };
    }
    const time = Date.parse(at);
    if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\d/.test(at)) {
        throw new Error(
            `--at must be the id of a snapshot, or a time such as 2026-11-26T10:00Z, got "${printable(at)}"`,
        );
    }
    const before = ({ at: taken }: DiskSnapshot) => taken.getTime() <= time;
    const newest = (some: readonly DiskSnapshot[]) =>
        [...some].sort((a, b) => b.at.getTime() - a.at.getTime())[0];
    return { groups, snapshotOf: ({ snapshots }) => newest(snapshots.filter(before)) };
}

/** Zones with nodes that take pods, or those that are asked for. */
function targets({ places }: DiskWorld, to: readonly string[] | undefined): string[] {
    const usable = unique(places.filter(({ isReady }) => isReady).map(({ zone }) => zone));
    const unknown = (to ?? []).filter((zone) => !usable.includes(zone));
    if (unknown.length > 0) {
        throw new Error(
            `--to must be zones with nodes that take pods (${usable.map(printable).join(", ") || "none"}), got "${unknown.map(printable).join('", "')}"`,
        );
    }
    return to ? unique(to) : usable;
}

function groupsNamed({ groups, disks }: DiskWorld, names: readonly string[]): DiskGroup[] {
    const known = new Set(disks.map(({ name }) => name));
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0) {
        throw new Error(
            `the stack has no disk ${unknown.map(printable).join(", ")}: give names of PersistentVolumes, such as ${[...known].slice(0, 3).join(", ") || "web-0"}`,
        );
    }
    return groups.filter((group) => group.disks.some(({ name }) => names.includes(name)));
}

/**
 * The way by which a disk is moved, if no snapshot is chosen: a new snapshot, or the newest one if its zone has no node
 * that runs, since EC2 may not be able to read the volume.
 */
export function sourceOf(disk: Disk, { places }: DiskWorld, { from }: MoveWish): MoveFrom {
    const runs = places.some(({ zone, isReady }) => zone === disk.zone && isReady);
    return from ?? (runs ? MoveFrom.NewSnapshot : MoveFrom.NewestSnapshot);
}

/** The snapshot that a disk is made from, if it exists already. */
export function existingSnapshot(disk: Disk, { snapshotOf }: Goal): DiskSnapshot | undefined {
    return snapshotOf ? snapshotOf(disk) : newestSnapshot(disk);
}

function unique(zones: readonly string[]): string[] {
    return [...new Set(zones)].filter((zone) => zone !== "").sort(compareNames);
}
