import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import { isDeferred } from "../args/deferred";
import { MoveFrom } from "../args/moveArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { isGivenUp } from "../history/continuity";
import { begunFromNewest, changedZones, generationInUse, isZoneId, suffixOf } from "../history/moveRules";
import type { BegunMove } from "../history/moveRules";
import type { Past } from "../history/past";
import type { RecordedDisk } from "../history/recordedDisks";
import { generationsOf } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { isManagedByCluster } from "../plan/volumeSettings";
import { refuseProblems } from "../validation/problems";
import { failureOf } from "../validation/secrets";
import { queryVolume } from "./awsQueries";
import { queryNewestSnapshot, querySnapshot } from "./snapshotQueries";
import type { Zones } from "./zones";

/** A disk that the state has, and the generation that its PersistentVolume is on. */
interface KnownDisk {
    readonly disk: Disk;
    readonly known: RecordedDisk;
    readonly generation: string;
}

/**
 * Why moves can't go on, as far as AWS has to be asked: zones of moves that were made, given by id; snapshots that are
 * newer than the one that an update which didn't end has used; volumes smaller than the snapshot that they are to come
 * from. One call for each such move.
 *
 * @returns a value, for the reason that `whenKnownOrFailed` has.
 */
export function checkMoves(
    name: string,
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    past: Output<Past>,
    zones: Zones,
    opts: InvokeOptions,
): Output<string | undefined> {
    const { region } = args;
    return past.apply(({ recorded, failure }) => {
        const moved = failure === undefined ? disks.flatMap((disk) => knownDisk(args, disk, recorded)) : [];
        const begun = moved.flatMap((one) => begunFromNewest(one.disk, one.known, one.generation));
        const next = isManagedByCluster(args, "size") ? [] : moved.flatMap(nextMove);
        const namesById: Input<Readonly<Record<string, string>>> = moved.some(
            ({ disk }) => disk.former.length > 0,
        )
            ? zones.namesById
            : {};
        return failureOf({ region, namesById }, async (known) => {
            const elsewhere = moved.flatMap((one) =>
                changedZones(one.disk, one.known, one.generation, (zone) =>
                    isZoneId(zone) ? known.namesById[zone] : undefined,
                ),
            );
            const newer = await Promise.all(begun.map((move) => newerSnapshot(move, known.region, opts)));
            const small = await Promise.all(next.map((move) => tooSmall(move, known.region, opts)));
            const problems = [...elsewhere, ...newer.flat(), ...small.flat()];
            refuseProblems(
                `the moves of ${JSON.stringify(name)} don't go with what was made of them`,
                problems,
            );
        });
    });
}

function knownDisk(args: ZonalPersistentStorageArgs, disk: Disk, recorded: Past["recorded"]): KnownDisk[] {
    const known = recorded?.get(disk.ordinal);
    const generation = known && generationInUse(known);
    return known === undefined || generation === undefined || isGivenUp(args, disk, known)
        ? []
        : [{ disk, known, generation }];
}

/** The volume that was made would have older data than the newest snapshot, which a move takes. */
async function newerSnapshot(
    { move, made, snapshotId, previous, forgetting }: BegunMove,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const newest = previous && (await queryNewestSnapshot(previous.id, region, opts));
    if (!newest || newest.snapshotId === snapshotId) {
        return [];
    }
    const property = `${move.property}.snapshotId`;
    return [
        `${property} is missing: an update that didn't end has used snapshot ${snapshotId} for this move, and made ${made.id} ` +
            `from it at ${made.createTime ?? "an unknown time"}; the newest snapshot of ${previous.id} is ${newest.snapshotId} of ` +
            `${newest.startTime ?? "an unknown time"}. To go on with the older one, ${property} must be "${snapshotId}". For the ` +
            `newer one, end the pods, forget the attempt (${forgetting}), and run pulumi up; ${made.id} stays in EC2`,
    ];
}

/** A move of a disk from the volume that it is on. */
interface NextMove {
    readonly ordinal: number;
    readonly move: BegunMove["move"];
    readonly previousId: string;
    readonly sizeGiB: number;
}

/** The first move that isn't made yet, if its size and its snapshot are plain. */
function nextMove({ disk, known, generation }: KnownDisk): NextMove[] {
    const all = generationsOf(disk);
    const next = all[all.findIndex((one) => suffixOf(one) === generation) + 1];
    const previousId = known.volumes.get(generation)?.id;
    if (!next?.move || previousId === undefined || known.volumes.has(suffixOf(next))) {
        return [];
    }
    const { move, settings } = next;
    const { sizeGiB } = settings;
    return typeof sizeGiB === "number" && !isDeferred(move.snapshotId)
        ? [{ ordinal: disk.ordinal, move, previousId, sizeGiB }]
        : [];
}

/** Somebody else may have grown the volume: EC2 makes none from its snapshot that is smaller. */
async function tooSmall(
    { ordinal, move, previousId, sizeGiB }: NextMove,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const { snapshotId, from, property } = move;
    const [source, size] =
        typeof snapshotId === "string"
            ? [snapshotId, (await querySnapshot(snapshotId, region, opts))?.volumeSize]
            : from === MoveFrom.NewSnapshot
              ? [previousId, (await queryVolume(previousId, region, opts))?.size]
              : [
                    `the newest snapshot of ${previousId}`,
                    (await queryNewestSnapshot(previousId, region, opts))?.volumeSize,
                ];
    return size === undefined || size <= sizeGiB
        ? []
        : [
              `overrides.${ordinal}.sizeGiB must be at least ${size} for ${property}, as ${source} has it, or managedByCluster ` +
                  `have size: EC2 makes no volume that is smaller than its snapshot, got ${sizeGiB}`,
          ];
}
