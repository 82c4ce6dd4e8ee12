import fc from "fast-check";
import { volumesInState } from "../cluster/ledger";
import { letters, ordinalOf, storageNames, zoneNamed } from "./world";
import type { Model, Settings, World } from "./world";

/** A move of a disk, from a new snapshot. */
interface MoveDisk {
    readonly ordinal: number;
    readonly to: string;
}

/** A change of the settings. */
export type Change = Partial<Settings> | MoveDisk;

const mostMoves = 2;

/** Changes the settings, where the change has a meaning now. */
export async function applyChange(model: Model, world: World, change: Change): Promise<void> {
    const { settings } = model;
    if ("ordinal" in change) {
        model.settings = await withMove(model, world, change);
        return;
    }
    const isShortOfMoves = ordinalsMoved(settings).some((ordinal) => ordinal >= (change.count ?? Infinity));
    model.settings = isShortOfMoves ? settings : { ...settings, ...change };
}

/** Ordinals of disks that were moved or are to be moved. */
export function ordinalsMoved({ moves }: Settings): number[] {
    return Object.keys(moves).map(Number);
}

/** Whether a move of the settings hasn't been made. */
export function hasPendingMove({ settings, applied }: Model): boolean {
    return settings.moves !== (applied?.moves ?? settings.moves);
}

/** Disks are moved one at a time, where nothing else is wrong: the series of single failures has the rest. */
async function withMove(model: Model, world: World, { ordinal, to }: MoveDisk): Promise<Settings> {
    const { settings, applied } = model;
    const isUnsure = model.isInterrupted || model.hasDrifted || model.mayLoseNewVolumes;
    if (!applied || isUnsure || hasPendingMove(model) || world.encryptsByDefault) {
        return settings;
    }
    const volumes = await volumesInState(world.cli);
    const earlier = settings.moves[ordinal] ?? [];
    const zone = earlier.at(-1)?.zone ?? volumes.find(({ name }) => ordinalOf(name) === ordinal)?.zone;
    const isPossible =
        zone !== undefined &&
        zone !== zoneNamed(to) &&
        earlier.length < mostMoves &&
        ordinal < settings.count &&
        settings.encrypted === undefined &&
        volumes.every(({ isEncrypted }) => isEncrypted !== false);
    const move = { zone: zoneNamed(to), from: "NewSnapshot" } as const;
    return isPossible
        ? { ...settings, moves: { ...settings.moves, [ordinal]: [...earlier, move] } }
        : settings;
}

/** Changes of the settings. */
export const changes: fc.Arbitrary<Change> = fc.oneof(
    fc.integer({ min: 1, max: 6 }).map((count) => ({ count })),
    fc.integer({ min: 10, max: 40 }).map((sizeGiB) => ({ sizeGiB })),
    fc.constantFrom<Partial<Settings>>(
        { type: "gp3", iops: undefined },
        { type: "gp3", iops: 4000 },
        { type: "gp2", iops: undefined },
        { protect: true },
        { protect: false },
        { deletionPolicy: "Retain" },
        { deletionPolicy: "Snapshot" },
        { deletionPolicy: "Delete" },
        { encrypted: false },
        { encrypted: undefined },
        { hasClaims: true },
        { hasClaims: false },
    ),
    fc.constantFrom("x", "y").map((label) => ({ label })),
    fc.constantFrom("x", "y").map((tag) => ({ tag })),
    fc.constantFrom(...storageNames).map((name) => ({ name })),
    fc.record({ ordinal: fc.nat(3), to: fc.constantFrom(...letters) }),
);
