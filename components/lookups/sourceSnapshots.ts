import { all } from "@pulumi/pulumi";
import type { InvokeOptions, Output, Resource } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { informOf } from "../engine/warnOf";
import { isGivenUp } from "../history/continuity";
import type { Past } from "../history/past";
import { firstVolume, persistentVolumeElsewhere } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { refuseProblems } from "../validation/problems";
import { whenKnownOrFailed } from "../validation/secrets";
import type { WithFailure } from "../validation/secrets";
import { queryLastMadeFor } from "./awsQueries";
import type { DatedVolume } from "./awsQueries";
import { querySnapshot, querySnapshotsMadeFor } from "./snapshotQueries";
import type { DescribedSnapshot } from "./snapshotQueries";

/** Ids of the snapshots that volumes start from. */
export interface SourceSnapshots {
    readonly byOrdinal: Readonly<Record<number, string | undefined>>;
}

/**
 * The snapshots of another storage's disks that new volumes start from. Those that exist keep theirs: nothing is asked
 * for them.
 *
 * @returns with a failure that lists all disks that can't start from there.
 */
export function findSourceSnapshots(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    past: Output<Past>,
    component: Resource,
): Output<WithFailure<SourceSnapshots>> | undefined {
    const { region, volume } = args;
    const { from } = volume;
    if (from === undefined) {
        return undefined;
    }
    const sizes = all(disks.map(({ former, current }) => (former[0] ?? current).settings.sizeGiB));
    const opts: InvokeOptions = { parent: component };
    return past.apply(({ recorded }) =>
        whenKnownOrFailed({ from, region, sizes }, { byOrdinal: {} }, async (known, hide) => {
            const { cluster, before, region: elsewhere } = known.from;
            const sourceRegion = elsewhere ?? known.region;
            const found = disks.filter(startsFrom).map(async (disk): Promise<Source> => {
                const { ordinal } = disk;
                const past = recorded?.get(ordinal);
                const made = past?.volumes.get("");
                // The state is that of before a refresh. A copy that is made already is used again.
                const isLost =
                    past !== undefined &&
                    made?.id === past.persistentVolume?.volumeId &&
                    isGivenUp(args, disk, past) &&
                    !(elsewhere && past.hasCopy);
                if (made && !isLost) {
                    const problem =
                        elsewhere && !past?.hasCopy ? existsAlready(made.id, ordinal, elsewhere) : undefined;
                    return { ordinal, snapshotId: made.snapshotId, problem };
                }
                const { name, subject } = persistentVolumeElsewhere(known.from, args, ordinal);
                const { newest, ...others } = await newestBefore(cluster, name, before, sourceRegion, opts);
                if (!newest) {
                    return { ordinal, problem: noSnapshot(subject, ordinal, before, elsewhere, others) };
                }
                const { snapshotId, volumeSize, startTime } = newest;
                const size = known.sizes[disks.indexOf(disk)] ?? 0;
                if (size < volumeSize) {
                    return { ordinal, problem: tooSmall(subject, newest, size) };
                }
                const begun = `begun at ${startTime}, ${hoursSince(startTime)} h ago`;
                const what = elsewhere === undefined ? snapshotId : `a copy of ${snapshotId} in ${elsewhere}`;
                const instead = made ? `, if ${made.id} is gone` : "";
                const text = `ordinal ${ordinal} starts from ${what} of ${subject}, ${begun}${instead}`;
                informOf(component, hide(text));
                return { ordinal, snapshotId };
            });
            const sources = await Promise.all(found);
            const problems = sources.flatMap(({ problem }) => problem ?? []);
            refuseProblems("disks can't start from another storage's snapshots", problems);
            const byOrdinal = sources.map(({ ordinal, snapshotId }) => [ordinal, snapshotId] as const);
            return { byOrdinal: Object.fromEntries(byOrdinal) };
        }),
    );
}

/** The snapshot that an ordinal's volume starts from, or why it can't. */
interface Source {
    readonly ordinal: number;
    readonly snapshotId?: string;
    readonly problem?: string;
}

function noSnapshot(
    subject: string,
    ordinal: number,
    before: string | undefined,
    region = "this region",
    { left: [first, ...more], last }: Omit<Newest, "newest">,
): string {
    const time = before === undefined ? "" : ` begun before ${before}`;
    const there =
        first === undefined
            ? `EC2 has none in ${region} and this account`
            : `those in ${region} and this account, ${first}${more.length === 0 ? "" : ` and ${more.length} more`}, are of volumes ` +
              `that the disk had left, and have older data than ${last?.volumeId}`;
    return (
        `volume.from must have a complete snapshot${time} of ${subject}, for ordinal ${ordinal}: ${there}. Take one, or name ` +
        `another with overrides.${ordinal}.snapshotId`
    );
}

/** Its copy would be made for nothing. */
function existsAlready(volumeId: string, ordinal: number, region: string): string {
    return (
        `volume.from.region must be left out where a volume was made without it: ordinal ${ordinal} has ${volumeId} already, ` +
        `got ${JSON.stringify(region)}. For other ordinals, name the copies with overrides.<ordinal>.snapshotId`
    );
}

function tooSmall(subject: string, { snapshotId, volumeSize }: DescribedSnapshot, size: number): string {
    return `sizeGiB must be at least ${volumeSize}, as ${snapshotId} of ${subject} has it, got ${size}`;
}

/** Whether a disk's first volume is made, and has no snapshot of its own. */
function startsFrom(disk: Disk): boolean {
    const first = firstVolume(disk);
    return first !== undefined && !first.isCopy && first.settings.snapshotId === undefined;
}

/**
 * Whether a snapshot was taken of a volume after the disk had left it: its last one before it was deleted, for example.
 * It has older data than those of the volume that the disk is on.
 */
function isOfFormer({ volumeId, startTime }: DescribedSnapshot, last: DatedVolume | undefined): boolean {
    return (
        last !== undefined &&
        volumeId !== last.volumeId &&
        Date.parse(startTime) > Date.parse(last.createTime)
    );
}

/** The newest snapshot of a disk, and those that are newer and don't count. */
interface Newest {
    readonly newest?: DescribedSnapshot;
    /** Ids of the snapshots of volumes that the disk had left. */
    readonly left: readonly string[];
    /** The volume that it is on. */
    readonly last?: DatedVolume;
}

/** By halves: EC2 can't be asked for a time, and has up to 1,000 snapshots of a disk. */
async function newestBefore(
    cluster: string,
    name: string,
    before: string | undefined,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<Newest> {
    const ids = await querySnapshotsMadeFor(cluster, name, region, opts);
    const limit = before === undefined ? Infinity : Date.parse(before);
    let [low, high] = [0, before === undefined ? Math.min(1, ids.length) : ids.length];
    let newest: DescribedSnapshot | undefined;
    while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const snapshot = await querySnapshot(ids[middle] ?? "", region, opts);
        if (snapshot && Date.parse(snapshot.startTime) < limit) {
            newest = snapshot;
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    const last = newest && (await queryLastMadeFor(cluster, name, region, opts));
    const left: string[] = [];
    while (newest && isOfFormer(newest, last)) {
        left.push(newest.snapshotId);
        const older = ids[++high];
        newest = older === undefined ? undefined : await querySnapshot(older, region, opts);
    }
    return { newest, left, last };
}

function hoursSince(time: string): string {
    return ((Date.now() - Date.parse(time)) / 3_600_000).toFixed(1);
}
