import { counted } from "../terminal/counted";
import { mustBe } from "./check";
import type { Check, Step } from "./check";
import { errorIn } from "./pulumi";
import { claimName } from "./settings";

/** Steps that destroy the stack, and check the volumes and snapshots that each deletion policy keeps. */
export const destroySteps: readonly Step[] = [
    {
        name: "destroy",
        expected: "works; no PersistentVolume and no claim is left",
        run: destroy,
    },
    {
        name: "deletionPolicy Delete",
        expected: "none of the three volumes is in EC2, and no snapshot of them",
        run: async (check) => {
            const ids = check.disks(check.names.deleted).map(({ volumeId }) => volumeId);
            const left = await volumesLeft(check, ids);
            const snapshots = await snapshotsOf(check, ids);
            return mustBe(
                ids.length === 3 && left.length === 0 && snapshots.length === 0,
                `${left.length} of ${counted(ids.length, "volume")}, ${counted(snapshots.length, "snapshot")}`,
            );
        },
    },
    {
        name: "deletionPolicy Snapshot",
        expected: "the volume isn't in EC2, one completed snapshot of it is",
        run: async (check) => {
            const { volumeId } = check.disk(check.names.snapshotted, 0);
            const left = await volumesLeft(check, [volumeId]);
            const states = (await snapshotsOf(check, [volumeId])).map(({ State }) => State);
            return mustBe(
                left.length === 0 && states.length === 1 && states[0] === "completed",
                `${counted(left.length, "volume")}, snapshots: ${states.join(", ") || "none"}`,
            );
        },
    },
    {
        name: "deletionPolicy Retain",
        expected: "the volume and the one that it was moved from are in EC2, available",
        run: async (check) => {
            const { volumeId, keptVolumeIds } = check.disk(check.names.retained, 0);
            const ids = [...keptVolumeIds, volumeId];
            const states = (await volumesLeft(check, ids)).map(({ State }) => State);
            return mustBe(
                states.length === 2 && states.every((state) => state === "available"),
                `${counted(states.length, "volume")}: ${states.join(", ")}`,
            );
        },
    },
];

async function destroy(check: Check): Promise<string> {
    const { code, text } = await check.pulumiAsIs(["destroy", "--yes", "--skip-preview"]);
    if (code !== 0) {
        throw new Error(`pulumi destroy failed: ${errorIn(text)}`);
    }
    const persistentVolumes = await check.place.cluster.persistentVolumes();
    const names = Object.values(check.names).flatMap((storage) =>
        check.disks(storage).map(({ persistentVolumeName }) => persistentVolumeName),
    );
    const left = persistentVolumes.filter(({ metadata }) => names.includes(metadata?.name ?? ""));
    const claim = await check.place.cluster.claim(check.run, claimName);
    return mustBe(
        left.length === 0 && claim === undefined,
        `worked; ${counted(left.length, "PersistentVolume")}, ${counted(claim ? 1 : 0, "claim")} left`,
    );
}

async function volumesLeft(check: Check, ids: readonly string[]) {
    const volumes = await Promise.all(ids.map((id) => check.place.account.volume(id)));
    return volumes.filter((volume) => volume !== undefined);
}

async function snapshotsOf(check: Check, ids: readonly string[]) {
    return (await Promise.all(ids.map((id) => check.snapshotsOf(id)))).flat();
}
