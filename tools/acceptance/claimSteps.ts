import { mustBe } from "./check";
import type { Check, Observation, Step } from "./check";
import { endPod, runPod } from "./pods";
import { claimName } from "./settings";

const [writer, reader] = ["writer", "reader"];

/** Steps on a claim: a pod writes, its disk is moved, a pod reads. */
export const claimSteps: readonly Step[] = [
    {
        name: "claim, and a pod that writes",
        expected: "claim Bound; a pod in the disk's zone writes the run's id and reads it",
        run: write,
    },
    {
        name: "move the disk by a new snapshot",
        expected:
            "a new volume from a new snapshot, in another zone if nodes are in two; claim and PersistentVolume have their old names, the old volume is kept",
        run: move,
    },
    {
        name: "a pod that reads after the move",
        expected: "a pod in the new zone reads the run's id",
        run: read,
    },
];

async function write(check: Check): Promise<Observation> {
    await check.place.cluster.createNamespace(check.run);
    await check.up({ claimed: true });
    const { zone, volumeId } = diskOf(check);
    const script = `echo ${check.run} > /data/run && sync && cat /data/run`;
    const pod = await runPod(check, writer, script, check.run);
    const claim = await phaseOfClaim(check);
    mustBe(claim === "Bound" && pod.zone === zone, `claim ${claim}, disk in ${zone}; ${pod.seen}`);
    await endPod(check, writer, volumeId);
    return { ...pod, seen: `claim ${claim}; ${pod.seen}` };
}

async function move(check: Check): Promise<string> {
    const before = diskOf(check);
    const other = check.zones(check.names.retained).find((zone) => zone !== before.zone);
    await check.up({ moved: other === undefined ? {} : { zone: other } });
    const after = diskOf(check);
    const [volume, kept] = await Promise.all([check.volume(after.volumeId), check.volume(before.volumeId)]);
    const snapshots = await check.snapshotsOf(before.volumeId);
    const persistentVolume = await check.persistentVolume(after.persistentVolumeName);
    const claim = await phaseOfClaim(check);
    const isRight =
        after.volumeId !== before.volumeId &&
        snapshots.some(({ SnapshotId }) => SnapshotId === volume.SnapshotId) &&
        volume.AvailabilityZone === (other ?? before.zone) &&
        persistentVolume.zone === volume.AvailabilityZone &&
        persistentVolume.volume === after.volumeId &&
        after.persistentVolumeName === before.persistentVolumeName &&
        claim === "Bound" &&
        kept.State === "available";
    const where =
        other === undefined
            ? `in ${volume.AvailabilityZone} again, the only zone of nodes`
            : `from ${before.zone} to ${volume.AvailabilityZone}`;
    return mustBe(
        isRight,
        `${where}, volume ${after.volumeId} from snapshot ${volume.SnapshotId || "none"}; PersistentVolume in ${persistentVolume.zone}, ` +
            `claim ${claim}; old volume ${kept.State}`,
    );
}

async function read(check: Check): Promise<Observation> {
    const { zone, volumeId } = diskOf(check);
    const pod = await runPod(check, reader, "cat /data/run", check.run);
    mustBe(pod.zone === zone, `disk in ${zone}; ${pod.seen}`);
    await endPod(check, reader, volumeId);
    return pod;
}

function diskOf(check: Check) {
    return check.disk(check.names.retained, 0);
}

async function phaseOfClaim(check: Check): Promise<string> {
    return (await check.place.cluster.claim(check.run, claimName))?.status?.phase ?? "isn't there";
}
