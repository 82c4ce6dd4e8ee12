import { remembered } from "../inspect/lookup";
import type { PodPlacement } from "./fit";

/** A disk of a storage. */
export interface GroupedDisk {
    readonly storage: string;
    readonly ordinal: number;
    readonly name: string;
}

/** Disks that must stay in one zone: all disks of a pod, also if several pods of a ReplicaSet share them. */
export interface Group {
    readonly id: string;
    /** The pod that uses them. Without one, the zone needs a node that any pod can run on, and no attach slots. */
    readonly pod?: PodPlacement;
    readonly disks: readonly GroupedDisk[];
    /** Zones in which its storages may have disks. Defaults to all zones that are asked about. */
    readonly zones?: readonly string[];
}

/** A group and the zone that it is in. */
export interface PlacedGroup extends Group {
    readonly zone: string;
}

/** Number of disks by storage and zone. */
export type DiskCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Number of a group's disks by storage. */
export const disksByStorage = remembered(({ disks }: Group): ReadonlyMap<string, number> => {
    const numbers = new Map<string, number>();
    disks.forEach(({ storage }) => numbers.set(storage, (numbers.get(storage) ?? 0) + 1));
    return numbers;
});

/** Counts of disks that change as groups are placed. */
export class Tally {
    private readonly counts: Map<string, Map<string, number>>;

    public constructor(counts: DiskCounts) {
        this.counts = new Map([...counts].map(([storage, zones]) => [storage, new Map(zones)]));
    }

    /** Number of a storage's disks in a zone. */
    public of(storage: string, zone: string): number {
        return this.counts.get(storage)?.get(zone) ?? 0;
    }

    /** Adds a group to a zone, or takes it off with `sign` -1. */
    public add(group: Group, zone: string, sign: 1 | -1 = 1): void {
        disksByStorage(group).forEach((number, storage) => {
            const zones = this.counts.get(storage) ?? new Map<string, number>();
            this.counts.set(storage, zones.set(zone, this.of(storage, zone) + sign * number));
        });
    }

    /** How uneven storages get by another group in a zone: twice as much in a zone with twice the disks. */
    public cost(group: Group, zone: string): number {
        const each = [...disksByStorage(group)].map(([storage, number]) => number * this.of(storage, zone));
        return each.reduce((sum, one) => sum + one, 0);
    }
}
