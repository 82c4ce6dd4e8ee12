import { Tally, disksByStorage } from "./groups";
import type { DiskCounts, Group, PlacedGroup } from "./groups";
import type { Place } from "./place";
import { Room, zonesOf } from "./room";

/** A group and the zone to move it to. */
export interface Move {
    readonly group: PlacedGroup;
    readonly zone: string;
}

/** Moves that make storages even. */
export interface Rebalanced {
    readonly moves: readonly Move[];
    /** Storages of which a zone still has two more disks than another, with these numbers by zone. */
    readonly uneven: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Assignments to try one by one, a matter of a second. Beyond that, moves are found step by step. */
const fewAssignments = 20_000;

/**
 * The fewest moves after which no zone of a storage has two more disks than another, or as few more as possible: a
 * group moves as a whole, and only to a zone with room for it. These are the fewest if no group has several disks and
 * all zones have room, or if there are few groups. Otherwise it is what the best single moves in turn lead to.
 *
 * @param candidates - Zones that should have equally many disks. Groups elsewhere stay.
 * @param counts - Disks that belong to none of the groups.
 */
export function rebalanced(
    groups: readonly PlacedGroup[],
    places: readonly Place[],
    candidates: readonly string[],
    counts: DiskCounts = new Map(),
): Rebalanced {
    const plan = new Plan(groups, places, candidates, counts);
    plan.step();
    const assignments = plan.choices.reduce((product, zones) => product * zones.length, 1);
    if (assignments <= fewAssignments && (plan.excess() > 0 || plan.moves().length > 1)) {
        plan.tryAll();
    }
    return { moves: plan.moves(), uneven: plan.uneven() };
}

/** An assignment of groups to zones that gets better. */
class Plan {
    /** Zones for each group: first its own, then those that it can move to. */
    public readonly choices: readonly (readonly string[])[];
    private zones: string[];
    private readonly tally: Tally;
    private readonly zonesOfStorage = new Map<string, Set<string>>();

    public constructor(
        private readonly groups: readonly PlacedGroup[],
        private readonly places: readonly Place[],
        candidates: readonly string[],
        counts: DiskCounts,
    ) {
        const room = new Room(places);
        this.tally = new Tally(counts);
        this.zones = groups.map(({ zone }) => zone);
        this.choices = groups.map((group) => {
            const allowed = zonesOf(group, candidates);
            const others = allowed.filter((zone) => zone !== group.zone && room.fits(group, zone));
            return allowed.includes(group.zone) ? [group.zone, ...others] : [group.zone];
        });
        groups.forEach((group) => {
            this.tally.add(group, group.zone);
            disksByStorage(group).forEach((_, storage) => {
                const known = this.zonesOfStorage.get(storage) ?? [];
                this.zonesOfStorage.set(storage, new Set([...known, ...zonesOf(group, candidates)]));
            });
        });
    }

    /** Makes the move that evens out most, again and again, and keeps the moves up to the least excess. */
    public step(): void {
        const room = new Room(this.places);
        const taken = new Map<number, Place>();
        const least = { excess: this.excess(), zones: [...this.zones] };
        for (let next = this.best(room); next; next = this.best(room)) {
            const { index, group, zone } = next;
            const before = taken.get(index);
            if (before) {
                room.giveBack(group, before);
                taken.delete(index);
            }
            const node = zone === group.zone ? undefined : room.take(group, zone);
            if (node) {
                taken.set(index, node);
            }
            this.assign(index, group, zone);
            const excess = this.excess();
            if (excess < least.excess) {
                Object.assign(least, { excess, zones: [...this.zones] });
            }
        }
        this.assignAll(least.zones);
    }

    /** Tries all assignments, and keeps the one with the least excess and, of those, the fewest moves. */
    public tryAll(): void {
        const best = { excess: this.excess(), moves: this.moves().length, zones: [...this.zones] };
        const descend = (index: number, moved: number): void => {
            const group = this.groups[index];
            if (!group) {
                const excess = this.excess();
                const isBetter = excess < best.excess || (excess === best.excess && moved < best.moves);
                if (isBetter && this.hasRoom()) {
                    Object.assign(best, { excess, moves: moved, zones: [...this.zones] });
                }
                return;
            }
            for (const zone of this.choices[index] ?? []) {
                const moves = moved + (zone === group.zone ? 0 : 1);
                if (best.excess > 0 || moves < best.moves) {
                    this.assign(index, group, zone);
                    descend(index + 1, moves);
                }
            }
        };
        descend(0, 0);
        this.assignAll(best.zones);
    }

    /** The groups that change their zone. */
    public moves(): Move[] {
        return this.groups.flatMap((group, index) => {
            const zone = this.zones[index] ?? group.zone;
            return zone === group.zone ? [] : [{ group, zone }];
        });
    }

    /** Disks by which zones differ, beyond the one that can't be avoided: the sum over all storages. */
    public excess(): number {
        return [...this.zonesOfStorage.keys()].reduce((sum, storage) => sum + this.excessOf(storage), 0);
    }

    /** The storages that aren't even. */
    public uneven(): Rebalanced["uneven"] {
        const storages = [...this.zonesOfStorage].filter(([storage]) => this.excessOf(storage) > 0);
        return new Map(
            storages.map(([storage, zones]) => [
                storage,
                Object.fromEntries([...zones].map((zone) => [zone, this.tally.of(storage, zone)])),
            ]),
        );
    }

    private excessOf(storage: string): number {
        const numbers = [...(this.zonesOfStorage.get(storage) ?? [])].map((zone) =>
            this.tally.of(storage, zone),
        );
        return numbers.length === 0 ? 0 : Math.max(0, Math.max(...numbers) - Math.min(...numbers) - 1);
    }

    private assignAll(zones: readonly string[]): void {
        this.groups.forEach((group, index) => this.assign(index, group, zones[index] ?? group.zone));
    }

    private assign(index: number, group: Group, zone: string): void {
        this.tally.add(group, this.zones[index] ?? zone, -1);
        this.tally.add(group, zone);
        this.zones[index] = zone;
    }

    /** The move that lowers the sum of the squares of all numbers most: it is lowest when zones have equally many. */
    private best(room: Room): { index: number; group: PlacedGroup; zone: string } | undefined {
        let best: { index: number; group: PlacedGroup; zone: string; gain: number } | undefined;
        this.groups.forEach((group, index) => {
            const from = this.zones[index] ?? group.zone;
            this.choices[index]?.forEach((zone) => {
                const gain = zone === from ? 0 : this.gain(group, from, zone);
                if (gain > (best?.gain ?? 0) && (zone === group.zone || room.fits(group, zone))) {
                    best = { index, group, zone, gain };
                }
            });
        });
        return best;
    }

    private gain(group: Group, from: string, to: string): number {
        const gains = [...disksByStorage(group)].map(
            ([storage, number]) =>
                number * (this.tally.of(storage, from) - this.tally.of(storage, to) - number),
        );
        return gains.reduce((sum, one) => sum + one, 0);
    }

    /** Whether all moves together have room, the largest group first. */
    private hasRoom(): boolean {
        const room = new Room(this.places);
        return this.moves()
            .sort((a, b) => b.group.disks.length - a.group.disks.length)
            .every(({ group, zone }) => room.take(group, zone) !== undefined);
    }
}
