import { MoveFrom } from "../args/moveArgs";
import { generationsOf } from "../plan/disks";
import type { Disk, Generation } from "../plan/disks";
import type { RecordedDisk, RecordedVolume } from "./recordedDisks";

/** The end of a generation's name, after the disk's. */
export function suffixOf({ logicalName }: Generation): string {
    return /-moved-\d+$/.exec(logicalName)?.[0] ?? "";
}

/** The generation that a disk's PersistentVolume is on; undefined where the state doesn't have it. */
export function generationInUse({ persistentVolume, volumes }: RecordedDisk): string | undefined {
    return [...volumes].find(([, { id }]) => id === persistentVolume?.volumeId)?.[0];
}

/** Without its last moves a disk would be on an older volume again, or on another one that is empty. */
export function takenBackMoves(
    { ordinal, current }: Disk,
    known: RecordedDisk,
    generation: string,
): string[] {
    if (moveCount(suffixOf(current)) >= moveCount(generation)) {
        return [];
    }
    const { name, volumeId } = known.persistentVolume ?? {};
    const instead = known.volumes.get(suffixOf(current));
    const state = instead ? `${instead.id}, which has older data` : "an EMPTY one";
    return [
        `overrides.${ordinal}.moves must not be shorter than what was made, ${moveCount(generation)}, got ${moveCount(suffixOf(current))}: ` +
            `PersistentVolume ${name} is on volume ${volumeId}, and would be on ${state}. Another move goes to the end of the ` +
            `list; if ${volumeId} is to be given up, overrides.${ordinal}.lostVolumeId must be "${volumeId}"`,
    ];
}

/** A volume that a move has left is made again, empty, where it is to be kept once more. */
export function otherKeptVolumes(
    { ordinal, former }: Disk,
    known: RecordedDisk,
    generation: string,
): string[] {
    return former
        .map((one) => moveCount(suffixOf(one)))
        .filter(
            (count) =>
                count < moveCount(generation) && !known.volumes.has(count === 0 ? "" : `-moved-${count}`),
        )
        .map(
            (count) =>
                `overrides.${ordinal}.moves.${count}.previous must be Release: the state doesn't have the volume that this ` +
                "move has left, and another one in its place would be empty",
        );
}

/**
 * Moves from a snapshot of a volume that there isn't yet: the update would make that one, empty, before it finds out.
 *
 * @param known - What the state has of the disk; undefined for a new one.
 */
export function movesFromNothing(disk: Disk, known: RecordedDisk | undefined): string[] {
    const made = [...(known?.volumes.keys() ?? [])];
    const last = Math.max(-1, ...made.map(moveCount));
    const { ordinal } = disk;
    return generationsOf(disk).flatMap((one, index, all) => {
        const { move } = one;
        const previous = all[index - 1];
        if (!move || move.snapshotId !== undefined || moveCount(suffixOf(one)) <= last) {
            return [];
        }
        if (!previous) {
            return [
                `${move.property}.previous must be Keep until the move is made, or ${move.property}.snapshotId be given: ` +
                    "without the volume before there is none to take a snapshot of",
            ];
        }
        return move.from === MoveFrom.NewSnapshot || made.includes(suffixOf(previous))
            ? []
            : [
                  `${move.property}.snapshotId is missing: the state has no volume of ordinal ${ordinal} yet of which there ` +
                      "could be a snapshot, and a new one would be empty. Leave out a move that another disk has made: " +
                      `overrides.${ordinal}.zone is the zone of a new disk`,
              ];
    });
}

/** A move that was made: what the args say of it, and its volume. */
interface MadeMove {
    readonly generation: Generation;
    readonly move: NonNullable<Generation["move"]>;
    readonly made: RecordedVolume;
}

function madeMoves(disk: Disk, known: RecordedDisk, generation: string): MadeMove[] {
    return generationsOf(disk).flatMap((one) => {
        const made = known.volumes.get(suffixOf(one));
        return one.move && made && moveCount(suffixOf(one)) <= moveCount(generation)
            ? { generation: one, move: one.move, made }
            : [];
    });
}

/** A move counts once: another snapshot of one that was made would change nothing. */
export function changedSnapshots(disk: Disk, known: RecordedDisk, generation: string): string[] {
    return madeMoves(disk, known, generation).flatMap(({ move: { property, snapshotId }, made }) =>
        typeof snapshotId === "string" && made.snapshotId && snapshotId !== made.snapshotId
            ? changedMove(`${property}.snapshotId`, made.snapshotId, snapshotId)
            : [],
    );
}

/**
 * Another zone of a move that was made would change nothing, or the moves after it. The zone of the last one is compared
 * with the volume's own.
 *
 * @param nameOf - Name of a zone that is given by name or by id; undefined where it isn't known.
 */
export function changedZones(
    disk: Disk,
    known: RecordedDisk,
    generation: string,
    nameOf: (zone: string) => string | undefined,
): string[] {
    return madeMoves(disk, known, generation).flatMap(
        ({ generation: one, move: { property, zone }, made }) => {
            const wanted = typeof zone === "string" ? nameOf(zone) : undefined;
            return one !== disk.current && wanted !== undefined && made.zone && wanted !== made.zone
                ? changedMove(`${property}.zone`, made.zone, zone)
                : [];
        },
    );
}

/** Whether it is a zone's id such as euw1-az1, not its name. */
export function isZoneId(zone: string): boolean {
    return /-az\d+$/.test(zone);
}

function changedMove(property: string, made: string, given: unknown): string {
    return `${property} must be ${made}, by which the move was made: add another move at the end, got ${JSON.stringify(given)}`;
}

/** How many moves have led to a generation. */
function moveCount(suffix: string): number {
    return Number(/\d+$/.exec(suffix)?.[0] ?? 0);
}

/** A move whose volume an update has made that didn't end: the disk is on the volume before. */
export interface BegunMove {
    readonly move: NonNullable<Generation["move"]>;
    readonly made: RecordedVolume;
    /** The snapshot that the volume was made from. */
    readonly snapshotId: string;
    /** Whether that was taken for the move. */
    readonly isTaken: boolean;
    /** The volume that the disk was to be moved from. */
    readonly previous: RecordedVolume | undefined;
    /** Commands that let the state forget the volume, and the snapshot where one was taken for the move. */
    readonly forgetting: string;
}

function begunMoves(disk: Disk, known: RecordedDisk, generation: string): BegunMove[] {
    return generationsOf(disk).flatMap((one, index, all) => {
        const [suffix, before] = [suffixOf(one), all[index - 1]];
        const [made, taken] = [known.volumes.get(suffix), known.snapshots.get(suffix)];
        const snapshotId = taken?.id ?? made?.snapshotId;
        const { move } = one;
        const isBegun = moveCount(suffix) > moveCount(generation);
        if (!isBegun || !move || !made || !snapshotId) {
            return [];
        }
        const forgetting = [`--force '${made.urn}'`, ...(taken ? [`'${taken.urn}'`] : [])]
            .map((resource) => `pulumi state delete ${resource}`)
            .join(", ");
        return {
            move,
            made,
            snapshotId,
            isTaken: taken !== undefined,
            previous: before && known.volumes.get(suffixOf(before)),
            forgetting,
        };
    });
}

/** A snapshot of an attempt that didn't end doesn't have what was written since. */
export function repeatedMoves(disk: Disk, known: RecordedDisk, generation: string, now: Date): string[] {
    const { name, volumeId } = known.persistentVolume ?? {};
    return begunMoves(disk, known, generation).flatMap((begun) => {
        const { move, made, snapshotId, isTaken, forgetting } = begun;
        const given: unknown = move.snapshotId;
        const isLater = given !== undefined && typeof given !== "string";
        if (given === snapshotId || isLater || isFromNewest(begun)) {
            return [];
        }
        if (made.id === "") {
            return [
                `${move.property} was begun by an update that failed while it made the volume: run pulumi refresh, which finds ` +
                    "out whether EC2 has it, then pulumi up",
            ];
        }
        const property = `${move.property}.snapshotId`;
        return [
            `${property} is ${given === undefined ? "missing" : "another one"}: an update that didn't end has ${isTaken ? "taken" : "used"} ` +
                `snapshot ${snapshotId} for this move, and made ${made.id} from it at ${made.createTime ?? "an unknown time"}; it is ` +
                `${now.toISOString()} now, and what was written to ${volumeId} in between isn't in it. If PersistentVolume ${name} ` +
                `is on ${made.id} by now (kubectl get pv/${name} -o jsonpath={.spec.csi.volumeHandle}), or nothing was written, ` +
                `${property} in the place of from must be "${snapshotId}". Otherwise end the pods, forget the attempt ` +
                `(${forgetting}), and run pulumi up, which moves the disk anew`,
        ];
    });
}

/** Whether it is made from what is the newest snapshot at the time. */
function isFromNewest({ move: { snapshotId, from }, isTaken }: BegunMove): boolean {
    return snapshotId === undefined && from !== MoveFrom.NewSnapshot && !isTaken;
}

/** Moves of which only AWS can tell whether there is a newer snapshot by now. */
export function begunFromNewest(disk: Disk, known: RecordedDisk, generation: string): BegunMove[] {
    return begunMoves(disk, known, generation).filter(isFromNewest);
}

/** A description that makes the provider take a snapshot again where the last attempt ended without a volume. */
export function snapshotDescription(
    generation: Generation,
    known: RecordedDisk | undefined,
): string | undefined {
    const suffix = suffixOf(generation);
    const taken = known?.snapshots.get(suffix);
    return taken && !known?.volumes.has(suffix) ? `taken again, in place of ${taken.id}` : taken?.description;
}
