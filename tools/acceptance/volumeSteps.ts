import { changesIn, mustBe } from "./check";
import type { Check, Step } from "./check";
import { errorIn } from "./pulumi";

/** Performance of a gp3 volume by default: API_CreateVolume and API_ModifyVolume of EC2, read on 2026-11-27. */
const gp3 = { iops: 3000, throughput: 125 };

/** Steps on three disks: create, no change, grow, change, no shrink. EC2 limits modifications, so each volume has one. */
export const volumeSteps: readonly Step[] = [
    {
        name: "create three disks",
        expected:
            "3 volumes of 1 GiB, gp2, evenly over the zones of nodes; PersistentVolumes Available, each in its volume's zone",
        isVital: true,
        run: createThree,
    },
    {
        name: "update without changes",
        expected: "no change in preview and up",
        run: updateWithoutChanges,
    },
    {
        name: "grow disk 0 to 2 GiB",
        expected: "the same volume, 2 GiB in EC2",
        run: async (check) => {
            const seen = await modified(check, 0, { grown: true });
            return mustBe(seen.isSame && seen.size === 2, `${seen.which}, ${seen.size} GiB`);
        },
    },
    {
        name: "disk 1 from gp2 to gp3",
        expected: `the same volume, gp3 with ${gp3.iops} IOPS and ${gp3.throughput} MiB/s`,
        run: async (check) => {
            const { isSame, which, type, iops, throughput } = await modified(check, 1, { gp3: true });
            return mustBe(
                isSame && type === "gp3" && iops === gp3.iops && throughput === gp3.throughput,
                `${which}, ${type} with ${iops} IOPS and ${throughput} MiB/s`,
            );
        },
    },
    {
        name: "update without changes, again",
        expected: "no change in preview and up",
        run: updateWithoutChanges,
    },
    {
        name: "shrink disk 0 to 1 GiB",
        expected: "refused in preview and up, with the way out; 2 GiB in EC2",
        run: refuseShrink,
    },
];

async function createThree(check: Check): Promise<string> {
    await check.up();
    const disks = check.disks(check.names.deleted);
    const found = await Promise.all(
        disks.map(async ({ volumeId, persistentVolumeName }) => ({
            volume: await check.volume(volumeId),
            persistentVolume: await check.persistentVolume(persistentVolumeName),
        })),
    );
    const zones = found.map(({ volume }) => volume.AvailabilityZone ?? "");
    const nodeZones = await check.nodeZones();
    const counts = check.zones(check.names.deleted).map((zone) => zones.filter((one) => one === zone).length);
    const isRight =
        found.length === 3 &&
        found.every(({ volume }) => volume.Size === 1 && volume.VolumeType === "gp2") &&
        zones.every((zone) => nodeZones.includes(zone)) &&
        // Zones differ by at most one disk.
        Math.max(...counts) - Math.min(...counts) <= 1 &&
        found.every(
            ({ volume, persistentVolume: { phase, zone } }) =>
                phase === "Available" && zone === volume.AvailabilityZone,
        );
    const described = found.map(
        ({ volume: { AvailabilityZone, Size, VolumeType }, persistentVolume: { phase, zone } }) =>
            `${Size} GiB ${VolumeType} in ${AvailabilityZone}, ${phase ?? "no PersistentVolume"}${zone === AvailabilityZone ? "" : ` in ${zone}`}`,
    );
    return mustBe(isRight, `${described.join("; ")}; zones of nodes: ${nodeZones.join(", ")}`);
}

async function updateWithoutChanges(check: Check): Promise<string> {
    const changes = await changesOfPreview(check);
    mustBe(changes.length === 0, `preview would ${changes.join(", ")}`);
    const { code, text } = await check.pulumiAsIs(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    return mustBe(code === 0, code === 0 ? "no change in preview and up" : `up: ${errorIn(text)}`);
}

async function changesOfPreview(check: Check): Promise<string[]> {
    const { code, stdout, text } = await check.pulumiAsIs(["preview", "--json"]);
    if (code !== 0) {
        throw new Error(`preview failed: ${errorIn(text)}`);
    }
    return changesIn(stdout);
}

async function modified(check: Check, ordinal: number, more: { grown?: boolean; gp3?: boolean }) {
    const before = check.disk(check.names.deleted, ordinal).volumeId;
    await check.up(more);
    const { volumeId } = check.disk(check.names.deleted, ordinal);
    const {
        Size: size,
        VolumeType: type,
        Iops: iops,
        Throughput: throughput,
    } = await check.modifiedVolume(volumeId);
    // The provider may have read the volume before the modification, and the next update would request it again:
    // https://github.com/hashicorp/terraform-provider-aws/issues/29213.
    await check.pulumi.runOrThrow(["refresh", "--yes", "--skip-preview"]);
    const isSame = volumeId === before;
    const which = isSame ? "the same volume" : `ANOTHER volume, ${volumeId} in place of ${before}`;
    return { isSame, which, size, type, iops, throughput };
}

async function refuseShrink(check: Check): Promise<string> {
    const { volumeId } = check.disk(check.names.deleted, 0);
    const { Size: before } = await check.volume(volumeId);
    const overrides = { "0": { sizeGiB: 1 }, "1": { type: "gp3" } };
    const outcomes = [
        await check.pulumiAsIs(["preview"], overrides),
        await check.pulumiAsIs(["up", "--yes", "--skip-preview"], overrides),
    ];
    const { Size: after } = await check.volume(volumeId);
    const isRefused = outcomes.every(({ code, text }) => code !== 0 && /can't shrink/.test(text));
    const said = outcomes.map(({ code, text }) => (code === 0 ? "worked" : errorIn(text)));
    return mustBe(
        isRefused && before === 2 && after === 2,
        `preview: ${said[0]}; up: ${said[1] === said[0] ? "the same" : said[1]}; ${after} GiB`,
    );
}
