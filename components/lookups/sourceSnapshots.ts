import { all } from "@pulumi/pulumi";
import type { InvokeOptions, Output, Resource } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { informOf } from "../engine/warnOf";
import type { Past } from "../history/past";
import { firstVolume, persistentVolumeName } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { userError } from "../validation/problems";
import { whenKnown } from "../validation/secrets";
import { querySnapshot, querySnapshotsMadeFor } from "./awsQueries";
import type { DescribedSnapshot } from "./awsQueries";

/** Ids of the snapshots that volumes start from, by ordinal. */
export type SourceSnapshots = Readonly<Record<number, string | undefined>>;

/**
 * The snapshots of another storage's disks that new volumes start from. Those that exist keep theirs: nothing is asked
 * for them.
 *
 * @throws RunError, in the output, that lists all disks that can't start from there.
 */
export function findSourceSnapshots(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    past: Output<Past>,
    component: Resource,
): Output<SourceSnapshots> | undefined {
    const { region, volume, persistentVolume } = args;
    const { from } = volume;
    if (from === undefined) {
        return undefined;
    }
    const sizes = all(disks.map(({ former, current }) => (former[0] ?? current).settings.sizeGiB));
    const opts: InvokeOptions = { parent: component };
    return past.apply(({ recorded }) =>
        whenKnown({ from, region, sizes }, async (known, hide) => {
            const { cluster, storage, before } = known.from;
            const found = disks.filter(startsFrom).map(async (disk): Promise<Source> => {
                const { ordinal } = disk;
                const made = recorded?.get(ordinal)?.volumes.get("");
                if (made) {
                    return { ordinal, snapshotId: made.snapshotId };
                }
                const name = persistentVolumeName(
                    storage,
                    { ...persistentVolume, namePrefix: storage },
                    ordinal,
                );
                const subject = `PersistentVolume ${name} of cluster ${cluster}`;
                const snapshot = await newestBefore(cluster, name, before, known.region, opts);
                if (!snapshot) {
                    return { ordinal, problem: noSnapshot(subject, ordinal, before) };
                }
                const { snapshotId, volumeSize, startTime } = snapshot;
                const size = known.sizes[disks.indexOf(disk)] ?? 0;
                if (size < volumeSize) {
                    return { ordinal, problem: tooSmall(subject, snapshot, size) };
                }
                const begun = `begun at ${startTime}, ${hoursSince(startTime)} h ago`;
                const text = `ordinal ${ordinal} starts from ${snapshotId} of ${subject}, ${begun}`;
                informOf(component, hide(text));
                return { ordinal, snapshotId };
            });
            const sources = await Promise.all(found);
            const problems = sources.flatMap(({ problem }) => problem ?? []);
            if (problems.length > 0) {
                throw userError("disks can't start from another storage's snapshots", problems);
            }
            return Object.fromEntries(sources.map(({ ordinal, snapshotId }) => [ordinal, snapshotId]));
        }),
    );
}

/** The snapshot that an ordinal's volume starts from, or why it can't. */
interface Source {
    readonly ordinal: number;
    readonly snapshotId?: string;
    readonly problem?: string;
}

function noSnapshot(subject: string, ordinal: number, before: string | undefined): string {
    const time = before === undefined ? "" : ` begun before ${before}`;
    return (
        `volume.from must have a complete snapshot${time} of ${subject}, for ordinal ${ordinal}: EC2 has none in this region ` +
        `and account. Take one, or name another with overrides.${ordinal}.snapshotId`
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

/** By halves: EC2 can't be asked for a time, and has up to 1,000 snapshots of a disk. */
async function newestBefore(
    cluster: string,
    name: string,
    before: string | undefined,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<DescribedSnapshot | undefined> {
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
    return newest;
}

function hoursSince(time: string): string {
    return ((Date.now() - Date.parse(time)) / 3_600_000).toFixed(1);
}
