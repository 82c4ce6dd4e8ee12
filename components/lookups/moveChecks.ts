import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { isGivenUp } from "../history/continuity";
import { begunFromNewest, changedZones, generationInUse, isZoneId } from "../history/moveRules";
import type { BegunMove } from "../history/moveRules";
import type { Past } from "../history/past";
import type { RecordedDisk } from "../history/recordedDisks";
import type { Disk } from "../plan/disks";
import { messageOf, userError } from "../validation/problems";
import { whenKnown } from "../validation/secrets";
import { queryNewestSnapshot } from "./awsQueries";
import type { Zones } from "./zones";

/** A disk that the state has, and the generation that its PersistentVolume is on. */
interface KnownDisk {
    readonly disk: Disk;
    readonly known: RecordedDisk;
    readonly generation: string;
}

/**
 * Why moves that were made or begun can't go on, as far as AWS has to be asked: zones that are given by id, and snapshots
 * that are newer than the one that an update which didn't end has used. One call for each such move.
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
        const namesById: Input<Readonly<Record<string, string>>> = moved.some(
            ({ disk }) => disk.former.length > 0,
        )
            ? zones.namesById
            : {};
        return whenKnown({ region, namesById }, async (known, hide) => {
            const elsewhere = moved.flatMap((one) =>
                changedZones(one.disk, one.known, one.generation, (zone) =>
                    isZoneId(zone) ? known.namesById[zone] : undefined,
                ),
            );
            try {
                const newer = await Promise.all(begun.map((move) => newerSnapshot(move, known.region, opts)));
                const problems = [...elsewhere, ...newer.flat()];
                const what = `the moves of ${JSON.stringify(name)} don't go with what was made of them`;
                return problems.length === 0 ? undefined : hide(userError(what, problems).message);
            } catch (error) {
                return hide(messageOf(error));
            }
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
