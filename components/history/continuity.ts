import type { OverrideArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk, Generation } from "../plan/disks";
import type { RecordedDisk, RecordedDisks } from "./recordedDisks";

/**
 * Why an update with these args would lose or exchange disks, or end refused after it has changed something, by what
 * the stack's state has of the storage. A line for each reason, with the way out.
 *
 * @param now - The time, for those who have to choose between a snapshot and what was written since.
 */
export function continuityProblems(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    recorded: RecordedDisks,
    now: Date,
): string[] {
    return [
        ...disks.flatMap((disk) => {
            const known = recorded.get(disk.ordinal);
            return known ? diskProblems(args, disk, known, recorded, now) : [];
        }),
        ...protectedProblems(args, disks, recorded),
    ];
}

/** PersistentVolumes of others for which the update would make an empty volume before it finds them. */
export function unadoptedProblems(disks: readonly Disk[], recorded: RecordedDisks): string[] {
    return disks
        .filter(({ isAdopted, volumeId }) => isAdopted && volumeId === undefined)
        .filter(({ ordinal }) => (recorded.get(ordinal)?.volumes.size ?? 0) === 0)
        .map(
            ({ ordinal, persistentVolumeName }) =>
                `overrides.${ordinal}.persistentVolumeName names PersistentVolume ${persistentVolumeName}, whose volume the ` +
                "state doesn't have: pulumi up would make an empty one. Take both over with npx zonal-persistent-storage " +
                "adopt, or leave the setting out",
        );
}

function diskProblems(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    known: RecordedDisk,
    recorded: RecordedDisks,
    now: Date,
): string[] {
    const { persistentVolume } = known;
    if (!persistentVolume || disk.volumeId !== undefined || isGivenUp(args, disk, known)) {
        return [];
    }
    const { volumeId } = persistentVolume;
    const [generation] = [...known.volumes].find(([, { id }]) => id === volumeId) ?? [];
    return generation === undefined
        ? [lostVolume(disk, known, recorded)]
        : [
              ...takenBackMoves(disk, known, generation),
              ...otherKeptVolumes(disk, known, generation),
              ...changedMoves(disk, known, generation),
              ...[...disk.former, disk.current].flatMap((one) => repeatedMove(one, known, generation, now)),
          ];
}

/** Without its last moves a disk would be on an older volume again, or on another one that is empty. */
function takenBackMoves({ ordinal, current }: Disk, known: RecordedDisk, generation: string): string[] {
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
function otherKeptVolumes({ ordinal, former }: Disk, known: RecordedDisk, generation: string): string[] {
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

/** A move counts once: another zone or snapshot of one that was made would change nothing, or the moves after it. */
function changedMoves({ former, current }: Disk, known: RecordedDisk, generation: string): string[] {
    return [...former, current].flatMap((one) => {
        const { move } = one;
        const made = known.volumes.get(suffixOf(one));
        if (!move || !made || moveCount(suffixOf(one)) > moveCount(generation)) {
            return [];
        }
        const isElsewhere = one !== current && isName(move.zone) && made.zone && move.zone !== made.zone;
        const isOther =
            typeof move.snapshotId === "string" && made.snapshotId && move.snapshotId !== made.snapshotId;
        return [
            ...(isElsewhere ? [changedMove(`${move.property}.zone`, made.zone, move.zone)] : []),
            ...(isOther
                ? [changedMove(`${move.property}.snapshotId`, made.snapshotId, move.snapshotId)]
                : []),
        ];
    });
}

function changedMove(property: string, made: string, given: unknown): string {
    return `${property} must be ${made}, by which the move was made: add another move at the end, got ${JSON.stringify(given)}`;
}

/** Whether it is a zone's name, not its id such as euw1-az1 or an output. */
function isName(zone: unknown): zone is string {
    return typeof zone === "string" && !/-az\d+$/.test(zone);
}

/** How many moves have led to a generation. */
function moveCount(suffix: string): number {
    return Number(/\d+$/.exec(suffix)?.[0] ?? 0);
}

/** Whether the args say that an ordinal's volume is lost and another may take its place. */
export function isGivenUp(
    { overrides }: ZonalPersistentStorageArgs,
    { ordinal }: Disk,
    { persistentVolume }: RecordedDisk,
): boolean {
    const override: OverrideArgs | undefined = overrides?.[ordinal];
    return persistentVolume !== undefined && override?.lostVolumeId === persistentVolume.volumeId;
}

/** The PersistentVolume is on a volume that isn't the disk's in the state. */
export function lostVolume(
    { ordinal }: Disk,
    { persistentVolume = { urn: "", name: "", volumeId: "" }, volumes }: RecordedDisk,
    recorded: RecordedDisks,
): string {
    const { name, volumeId } = persistentVolume;
    const property = `overrides.${ordinal}.lostVolumeId`;
    const [owner] =
        [...recorded].find(([, disk]) => [...disk.volumes.values()].some(({ id }) => id === volumeId)) ?? [];
    const other = [...volumes.values()].at(-1);
    if (owner !== undefined && owner !== ordinal) {
        return (
            `PersistentVolume ${name} is on volume ${volumeId}, which is the volume of ordinal ${owner} in the state: the ` +
            "volumes have been exchanged there. Import each under its own ordinal again (pulumi state delete, pulumi import)"
        );
    }
    const doing =
        other && other.id !== volumeId
            ? `the state has ${other.id} as the volume of ordinal ${ordinal}`
            : "a new volume in its place would not have its data";
    return (
        `${property} is missing: PersistentVolume ${name} is on volume ${volumeId}, which the state doesn't have, and ` +
        `${doing}. Check the account and the region; if EC2 has the volume still, take it back (pulumi import, npm run ` +
        `doctor has the command). If it is lost, or is to be given up, ${property} must be "${volumeId}"; ` +
        `overrides.${ordinal}.snapshotId restores a snapshot of it`
    );
}

/** A snapshot of an attempt that didn't end doesn't have what was written since. */
function repeatedMove(target: Generation, known: RecordedDisk, generation: string, now: Date): string[] {
    const suffix = suffixOf(target);
    const [made, snapshot] = [known.volumes.get(suffix), known.snapshots.get(suffix)];
    if (!target.move || moveCount(suffix) <= moveCount(generation) || !made || !snapshot) {
        return [];
    }
    const given: unknown = target.move.snapshotId;
    if (given === snapshot.id || (given !== undefined && typeof given !== "string")) {
        return [];
    }
    const { name, volumeId } = known.persistentVolume ?? {};
    const property = `${target.move.property}.snapshotId`;
    return [
        `${property} is ${given === undefined ? "missing" : "another one"}: an update that didn't end has taken snapshot ` +
            `${snapshot.id} for this move, and made ${made.id} from it at ${made.createTime ?? "an unknown time"}; it is ` +
            `${now.toISOString()} now, and what was written to ${volumeId} in between isn't in it. If PersistentVolume ${name} ` +
            `is on ${made.id} by now (kubectl get pv/${name} -o jsonpath={.spec.csi.volumeHandle}), or nothing was written, ` +
            `${property} in the place of from must be "${snapshot.id}". Otherwise end the pods, forget the attempt (pulumi ` +
            `state delete --force '${made.urn}', pulumi state delete '${snapshot.urn}'), and run pulumi up, which takes a new one`,
    ];
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

/** Volumes that are protected and would be let go, which the engine refuses when other things are deleted already. */
function protectedProblems(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    recorded: RecordedDisks,
): string[] {
    if (args.protect === false) {
        return [];
    }
    return [...recorded].flatMap(([ordinal, { volumes }]) => {
        const disk = disks.find((one) => one.ordinal === ordinal);
        const kept = disk?.volumeId === undefined && disk ? [...disk.former, disk.current].map(suffixOf) : [];
        const property = disk ? `overrides.${ordinal}` : "count";
        return [...volumes]
            .filter(([suffix]) => !kept.includes(suffix))
            .map(
                ([, { id }]) =>
                    `${property} must leave volume ${id} of ordinal ${ordinal} in the storage, it is protected: set protect to false and run pulumi up first`,
            );
    });
}

/** The end of a generation's name, after the disk's. */
export function suffixOf({ logicalName }: Generation): string {
    return /-moved-\d+$/.exec(logicalName)?.[0] ?? "";
}
