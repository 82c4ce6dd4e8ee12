import { grouped } from "../inspect/grouped";
import { compareNames } from "../inspect/order";
import { counted } from "../terminal/counted";
import { misfit } from "./fit";
import { Tally } from "./groups";
import type { DiskCounts, Group } from "./groups";
import type { Place } from "./place";

/** The zone chosen for a group, or why it has room in none. */
export type Choice =
    { readonly group: Group; readonly zone: string } | { readonly group: Group; readonly reason: string };

/**
 * Chooses zones for groups of disks: evenly for each storage, and only zones with a ready node that fits the group's pod
 * and has an attach slot for each of its disks. The largest group chooses first, then the one with the fewest zones; it
 * takes the zone with the fewest disks of its storages, of those the one with the most free slots. Each takes the slots
 * of one node. Another order might have found room for one more group: this doesn't look for it.
 *
 * @param candidates - Zones to choose from.
 * @param counts - Disks that stay where they are, for evenness.
 * @returns Choices in the order of the groups.
 */
export function chooseZones(
    groups: readonly Group[],
    places: readonly Place[],
    candidates: readonly string[],
    counts: DiskCounts,
): Choice[] {
    const room = new Room(places);
    const tally = new Tally(counts);
    const zonesFor = (group: Group) => zonesOf(group, candidates);
    const open = new Map(
        groups.map((one) => [one, zonesFor(one).filter((zone) => room.fits(one, zone)).length]),
    );
    const order = [...groups].sort(
        (a, b) =>
            b.disks.length - a.disks.length ||
            (open.get(a) ?? 0) - (open.get(b) ?? 0) ||
            compareNames(a.id, b.id),
    );
    const choices = new Map(
        order.map((group): [Group, Choice] => {
            const [zone] = zonesFor(group)
                .filter((one) => room.fits(group, one))
                .sort(
                    (a, b) =>
                        tally.cost(group, a) - tally.cost(group, b) ||
                        room.compareFreeSlots(b, a) ||
                        compareNames(a, b),
                );
            if (zone === undefined) {
                return [group, { group, reason: reasonOf(group, room, zonesFor(group)) }];
            }
            room.take(group, zone);
            tally.add(group, zone);
            return [group, { group, zone }];
        }),
    );
    return groups.flatMap((group) => choices.get(group) ?? []);
}

/** The zones that a group may be in. */
export function zonesOf({ zones }: Group, candidates: readonly string[]): string[] {
    return [...new Set(candidates)].filter((zone) => zones?.includes(zone) ?? true);
}

function reasonOf(group: Group, room: Room, zones: readonly string[]): string {
    const each = zones.map((zone) => `${zone}: ${room.obstacle(group, zone)}`);
    return each.length > 0 ? each.join("; ") : "none of the zones is one of its storage's";
}

/** Ready nodes, with the attach slots that are left as groups take them. */
export class Room {
    private readonly inZones: ReadonlyMap<string, readonly Place[]>;
    private readonly free: Map<string, number>;

    public constructor(places: readonly Place[]) {
        this.inZones = new Map(grouped(places, ({ zone }) => zone));
        this.free = new Map(places.map(({ name, freeSlots = Infinity }) => [name, freeSlots]));
    }

    /** Whether a node of the zone has room for a group. */
    public fits(group: Group, zone: string): boolean {
        return this.node(group, zone) !== undefined;
    }

    /** Takes slots for a group, and returns the node they are of. */
    public take(group: Group, zone: string): Place | undefined {
        const node = this.node(group, zone);
        if (node) {
            this.free.set(node.name, this.freeOn(node) - slotsFor(group));
        }
        return node;
    }

    /** Gives back the slots that a group has taken on a node. */
    public giveBack(group: Group, node: Place): void {
        this.free.set(node.name, this.freeOn(node) + slotsFor(group));
    }

    /** Compares free slots in two zones. Nodes whose slots nobody knows count as one with any number. */
    public compareFreeSlots(a: string, b: string): number {
        const [inA, inB] = [this.freeIn(a), this.freeIn(b)];
        return inA === inB ? 0 : inA - inB;
    }

    /** Why a zone has no room for a group. */
    public obstacle(group: Group, zone: string): string {
        const ready = this.ready(zone);
        if (ready.length === 0) {
            const others = this.inZones.get(zone)?.length ?? 0;
            return others === 0
                ? "no node"
                : `no ready node (${counted(others, "node")} not ready or cordoned)`;
        }
        const fitting = ready.filter((place) => misfit(group.pod ?? {}, place) === undefined);
        const most = Math.max(0, ...fitting.map((place) => this.freeOn(place)));
        const slots = `needs ${counted(slotsFor(group), "free attach slot")} on one node, at most ${most} left on ${counted(fitting.length, "fitting node")}`;
        const misfits = grouped(
            ready.filter((place) => !fitting.includes(place)),
            (place) => misfit(group.pod ?? {}, place) ?? "",
        ).map(([why, nodes]) => `${nodes.map(({ name }) => name).join(", ")}: ${why}`);
        return [...(fitting.length > 0 ? [slots] : []), ...misfits].join(", ");
    }

    /** The node with room for a group that has the fewest slots left: large groups may still need the others. */
    private node(group: Group, zone: string): Place | undefined {
        return this.ready(zone)
            .filter((place) => this.freeOn(place) >= slotsFor(group))
            .filter((place) => misfit(group.pod ?? {}, place) === undefined)
            .reduce<Place | undefined>(
                (best, place) => (best && this.freeOn(best) <= this.freeOn(place) ? best : place),
                undefined,
            );
    }

    private ready(zone: string): Place[] {
        return (this.inZones.get(zone) ?? []).filter(({ isReady }) => isReady);
    }

    private freeIn(zone: string): number {
        return this.ready(zone).reduce((sum, place) => sum + this.freeOn(place), 0);
    }

    private freeOn({ name }: Place): number {
        return this.free.get(name) ?? 0;
    }
}

/** A disk that no pod uses needs no slot yet. */
function slotsFor({ pod, disks }: Group): number {
    return pod ? disks.length : 0;
}
