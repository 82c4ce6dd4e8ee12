import { CreateSnapshotCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import type { MoveArgs, VolumeRecord } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { Ledger } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];

/** The moves of docs/backups.md, with the real engine. */
describe("moves with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        ec2 = ec2Client(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
        assert.equal((await pulumi([], up)).code, 0);
        first = (await disks())[2]!;
    });
    after(() => end());

    let first: VolumeRecord;
    const names = ["a", "b", "c"];
    const pulumi = (moves: MoveArgs[], command: string[], different: object = {}) => {
        const overrides = moves.length > 0 ? { "2": { moves } } : {};
        const claims = { names, create: true };
        const data = { count: 3, volume: { sizeGiB: 10 }, claims, overrides, ...different };
        return runWith(cli, { cluster, storages: { data } }, command);
    };
    const disks = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as { data: { volumes: VolumeRecord[] } }).data.volumes;
    };
    const inEc2 = async (id: string) => {
        const { Volumes = [] } = await ec2.send(
            new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [id] }] }),
        );
        return Volumes[0];
    };
    const snapshotOf = async (VolumeId: string) =>
        String((await ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId);
    const claim = async () => {
        const { spec, status } = await core.readNamespacedPersistentVolumeClaim({
            name: "c",
            namespace: "default",
        });
        return [spec?.volumeName, status?.phase];
    };
    const moved = (position: number) => [
        `create Volume data-2-moved-${position}`,
        "create-replacement PersistentVolume data-2",
        "create-replacement PersistentVolumeClaim data-2",
        "delete-replaced PersistentVolume data-2",
        "delete-replaced PersistentVolumeClaim data-2",
        "replace PersistentVolume data-2",
        "replace PersistentVolumeClaim data-2",
    ];
    const toC: MoveArgs = { zone: "eu-west-1c" };
    const backToB: MoveArgs = { zone: "eu-west-1b", from: "NewSnapshot" };

    it("rejects a move without a snapshot in preview", async () => {
        assert.equal(first.zone, "eu-west-1b");
        const { code, text } = await pulumi([toC], ["preview"]);
        assert.notEqual(code, 0);
        assert.match(text, /volume data-2-moved-1 can't be created without a snapshot, it would be empty/);
    });

    it("creates the volume from the newest snapshot, and keeps the former one", async () => {
        await snapshotOf(first.volumeId);
        // The sandbox dates snapshots to the second.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const newest = await snapshotOf(first.volumeId);
        assert.deepEqual((await pulumi([toC], ["preview"])).steps, moved(1));
        const { steps, text } = await pulumi([toC], up);
        assert.deepEqual(steps, moved(1), text);
        const now = (await disks())[2]!;
        assert.deepEqual(
            [now.zone, now.snapshotId, now.keptVolumeIds],
            ["eu-west-1c", newest, [first.volumeId]],
        );
        const volume = await inEc2(now.volumeId);
        assert.deepEqual([volume?.AvailabilityZone, volume?.SnapshotId], ["eu-west-1c", newest]);
        assert.equal((await inEc2(first.volumeId))?.AvailabilityZone, "eu-west-1b");
        assert.deepEqual(await claim(), ["data-2", "Bound"]);
        await new Ledger(servers, cluster.name).check();
    });

    it("keeps a moved disk when later snapshots are created or deleted", async () => {
        await snapshotOf(first.volumeId);
        assert.deepEqual((await pulumi([toC], ["preview"])).steps, []);
        assert.deepEqual((await pulumi([toC], [...up, "--refresh"])).steps, []);
        const grown = await pulumi([toC], up, { volume: { sizeGiB: 12 } });
        assert.equal(grown.code, 0, grown.text);
        assert.ok(!grown.steps.includes("update Volume data-2"), "the old disk stays as it was");
        assert.ok(grown.steps.includes("update Volume data-2-moved-1"));
    });

    it("moves back from a new snapshot, and releases the former volume", async () => {
        const volume = { sizeGiB: 12 };
        const before = (await disks())[2]!;
        const there = { ...toC, previous: "Release" } as const;
        const refused = await pulumi([there, backToB], ["preview"], { volume });
        assert.match(
            refused.text,
            /overrides\.2 must leave volume vol-\w+ of ordinal 2 in the storage, it is\s+protected/,
        );
        await pulumi([toC], up, { volume, protect: false });
        const { steps, text } = await pulumi([there, backToB], up, { volume, protect: false });
        assert.deepEqual(
            steps,
            [...moved(2), "create Snapshot data-2-moved-2", "delete Volume data-2"].sort(),
            text,
        );
        const now = (await disks())[2]!;
        assert.deepEqual([now.zone, now.keptVolumeIds], ["eu-west-1b", [before.volumeId]]);
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [now.volumeId] }));
        assert.equal(Volumes[0]?.SnapshotId, now.snapshotId);
        assert.ok(await inEc2(first.volumeId), "deletionPolicy is Retain");
        assert.deepEqual(await claim(), ["data-2", "Bound"]);

        const last = [there, { ...backToB, previous: "Release" } as const];
        const released = await pulumi(last, up, { volume, protect: false });
        assert.deepEqual(
            released.steps,
            ["delete Snapshot data-2-moved-2", "delete Volume data-2-moved-1"],
            released.text,
        );
        assert.equal((await disks())[2]?.volumeId, now.volumeId);
        assert.deepEqual((await pulumi(last, ["preview"], { volume, protect: false })).steps, []);
    });

    it("backs up moved disks by a policy in the outputs", async () => {
        const backup = { roleArn: "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole" };
        const last = [
            { ...toC, previous: "Release" },
            { ...backToB, previous: "Release" },
        ] as MoveArgs[];
        const settings = { volume: { sizeGiB: 12 }, protect: false };
        const { steps, text } = await pulumi(last, up, { ...settings, backup });
        assert.deepEqual(
            steps,
            [
                "create LifecyclePolicy data",
                "update Volume data-0",
                "update Volume data-1",
                "update Volume data-2-moved-2",
            ],
            text,
        );
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        assert.match(
            (JSON.parse(stdout) as { data: { backupPolicyId: string } }).data.backupPolicyId,
            /^policy-/,
        );
        assert.deepEqual((await pulumi(last, ["preview"], { ...settings, backup })).steps, []);
    });
});
