import {
    CreateSnapshotCommand,
    CreateVolumeCommand,
    DeleteSnapshotCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { volumeTags } from "../../components/plan/tags";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { Request } from "../../sandbox/faults";
import { callsOf, DiskStack, free } from "../support/cli/diskStack";
import { runRecover } from "../support/tools/onStack";

const name = "proyecto.k8s.local";
const elsewhere = "eu-central-1";

/** docs/volumes.md, "An update was interrupted": what EC2 has made, and the state doesn't know of. */
describe("recover", function () {
    this.timeout(300_000);

    const stack = new DiskStack();
    stack.useInSuite();

    type Settings = Parameters<DiskStack["run"]>[0];

    const snapshotIds = async (client: EC2Client) => {
        const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
        return Snapshots.map(({ SnapshotId }) => String(SnapshotId));
    };
    const volumeIds = async (client: EC2Client) => {
        const { Volumes = [] } = await client.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ VolumeId }) => String(VolumeId)).sort();
    };
    const inOtherRegion = () => ec2Client({ ...stack.sandbox.servers, region: elsewhere });

    const recovered = async (settings: Settings) => {
        const { status, stdout, stderr } = await runRecover(stack.sandbox.cli, stack.sandbox.faulty.servers, [
            "--yes",
        ]);
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual((await stack.run(settings, ["preview"])).steps, [], stdout);
        return stdout;
    };
    /** The snapshots that recover names, with the command that deletes one. */
    const named = (printed: string, region: string) =>
        [...printed.matchAll(/^snapshot (snap-\w+) was begun for .* if nobody needs it, (.*)$/gm)].map(
            ([, id = "", command]) => {
                assert.equal(command, `aws ec2 delete-snapshot --snapshot-id=${id} --region=${region}`);
                return id;
            },
        );
    const waitsForSnapshot = (request: Request) =>
        callsOf("DescribeSnapshots")(request) && /SnapshotId\.1=|=snapshot-id/.test(request.body);

    it("names the snapshot of a move that nobody has recorded, and takes another one", async () => {
        const disk = { count: 1, volume: { sizeGiB: 1 }, ...free };
        const settings = (moves: object[]) => ({
            cluster: { name },
            storages: { data: { ...disk, ...(moves.length > 0 && { overrides: { "0": { moves } } }) } },
        });
        await stack.must(settings([]));
        const made = () => snapshotIds(stack.ec2);
        await sleep(1100);
        const moved = settings([{ zone: "eu-west-1c", from: "NewSnapshot" }]);
        const left = await stack.killedOnceMade(moved, waitsForSnapshot, made, 1);
        // Others' snapshots of the same volume stay unmentioned.
        const { "data-0": volumeId = "" } = await stack.handles();
        const others = await stack.snapshotOf(volumeId);
        const printed = await recovered(moved);
        assert.deepEqual(named(printed, "eu-west-1"), left);
        const { "data-0": movedTo = "" } = await stack.handles();
        const source = await stack.sourceOf(movedTo);
        assert.ok(source !== undefined && ![...left, others].includes(source), source);
        await stack.ec2.send(new DeleteSnapshotCommand({ SnapshotId: left[0] }));
    });

    it("takes volumes of another region back", async () => {
        const cluster = { name, region: elsewhere, zones: [`${elsewhere}a`, `${elsewhere}b`] };
        const disks = { count: 2, volume: { sizeGiB: 1 }, ...free };
        const settings = { cluster, storages: { far: disks } };
        const made = () => volumeIds(inOtherRegion());
        const waitsForVolume = (request: Request) =>
            callsOf("DescribeVolumes")(request) && request.body.includes("VolumeId.1=");
        const left = await stack.killedOnceMade(settings, waitsForVolume, made, 2);
        await recovered(settings);
        assert.deepEqual(await made(), left);
        assert.deepEqual(Object.values(await stack.handles()).sort(), left);
    });

    it("names copies of snapshots in another region", async () => {
        const Tags = Object.entries(volumeTags(name, "web-0")).map(([Key, Value]) => ({ Key, Value }));
        const tagged = (ResourceType: "volume" | "snapshot") => ({
            TagSpecifications: [{ ResourceType, Tags }],
        });
        const place = { AvailabilityZone: "eu-west-1b", Size: 1 };
        const source = await stack.ec2.send(new CreateVolumeCommand({ ...place, ...tagged("volume") }));
        const { VolumeId } = source;
        const { SnapshotId } = await stack.ec2.send(
            new CreateSnapshotCommand({ VolumeId, ...tagged("snapshot") }),
        );
        const from = { cluster: name, storage: "web", region: "eu-west-1" };
        const cluster = { name, region: elsewhere, zones: [`${elsewhere}a`] };
        const storages = { copied: { count: 1, volume: { sizeGiB: 1, from }, ...free } };
        const settings = { cluster, storages };
        const made = () => snapshotIds(inOtherRegion());
        const waitsThere = (request: Request) =>
            waitsForSnapshot(request) && request.authorization.includes(elsewhere);
        const left = await stack.killedOnceMade(settings, waitsThere, made, 1);
        assert.deepEqual(named(await recovered(settings), elsewhere), left);
        assert.equal((await made()).length, 2);
        await stack.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
        await stack.ec2.send(new DeleteVolumeCommand({ VolumeId }));
    });
});
