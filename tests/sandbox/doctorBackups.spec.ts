import { UpdateLifecyclePolicyCommand } from "@aws-sdk/client-dlm";
import {
    CreateVolumeCommand,
    DeleteSnapshotCommand,
    DeleteTagsCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { backupTag, volumeTags } from "../../components/plan/tags";
import { doctorActions } from "../../permissions/iamRights";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { advanceClock, changeAccount, resetAccount } from "../../sandbox/ec2/account";
import { ec2Client } from "../../sandbox/ec2/instances";
import { dlmClient, runBackups } from "../../sandbox/ec2/lifecycle";
import { recordCalls } from "../../sandbox/ec2/recorder";
import { faultyServers } from "../../sandbox/faults";
import { IamGuard } from "../../sandbox/iam/guard";
import type { Servers } from "../../sandbox/servers";
import { bringUp, firstStart, project, startSandbox } from "../support/cluster/sandbox";
import { runAwsCommands } from "../support/tools/awsCommands";
import { runDoctor } from "../support/tools/doctor";
import { runCommand } from "../support/tools/run";

const cluster = { name: "proyecto.k8s.local" };
const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";
const backup = { roleArn, intervalHours: 6, copies: [{ region: "eu-central-1", keepDays: 30 }] };
const healthy = { status: 0, stdout: "no problems found\n", stderr: "" };

describe("doctor in the sandbox: backups and the Recycle Bin", function () {
    this.timeout(180_000);

    let servers: Servers;
    let directory: string;
    let end: () => Promise<void>;
    let ec2: EC2Client;
    let data: VolumeRecord[];
    let policyId: string;
    let state: string;
    let ahead = 0;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, directory, end } = await startSandbox(jenkinsOnKops));
        ec2 = ec2Client(servers);
        const { errors, outputs } = await bringUp(servers, {
            cluster,
            storages: { data: { count: 2, volume: { sizeGiB: 10 }, backup } },
        });
        assert.deepEqual(errors, []);
        const storages = outputs.storages as Record<
            string,
            { volumes: VolumeRecord[]; backupPolicyId: string }
        >;
        ({ volumes: data, backupPolicyId: policyId } = storages["data"]!);
        state = join(directory, "state.json");
        writeFileSync(state, JSON.stringify({ version: 3, deployment: { resources: resources() } }));
    });
    after(() => end());
    beforeEach(() => runBackups(servers));
    afterEach(async () => {
        await resetAccount(servers);
        await resetAccount({ ...servers, region: "eu-central-1" });
    });

    const resources = () => {
        const component =
            "urn:pulumi:test::zonal-persistent-storage::zonal-persistent-storage:index:ZonalPersistentStorage";
        const child = (type: string, name: string, id: string, outputs: object) => ({
            ...{ urn: `${component}$${type}::${name}`, type, id, parent: `${component}::data`, outputs },
        });
        return [
            { urn: `${component}::data`, type: "zonal-persistent-storage:index:ZonalPersistentStorage" },
            ...data.map(({ volumeId, persistentVolumeName: name }) =>
                child("aws:ebs/volume:Volume", name, volumeId, { tags: volumeTags(cluster.name, name) }),
            ),
            ...data.map(({ volumeId, persistentVolumeName: name }) =>
                child("kubernetes:core/v1:PersistentVolume", name, name, {
                    metadata: { name },
                    spec: { csi: { volumeHandle: volumeId } },
                }),
            ),
            child("aws:dlm/lifecyclePolicy:LifecyclePolicy", "data", policyId, {}),
        ];
    };
    const environment = (): NodeJS.ProcessEnv => ({
        ...servers.environment,
        PATH: "",
        HOME: directory,
        NODE_OPTIONS: `--require ${join(project, "tests/support/tools/shiftedClock.cjs")}`,
        CLOCK_AHEAD_SECONDS: String(ahead),
    });
    const doctor = (different: NodeJS.ProcessEnv = {}) =>
        runDoctor(["--state", state], { ...environment(), ...different });
    const advance = async (hours: number) => {
        await advanceClock(servers, hours * 3600);
        ahead += hours * 3600;
    };
    const snapshotsOf = async (volumeId: string) => {
        const Filters = [{ Name: "volume-id", Values: [volumeId] }];
        const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ Filters }));
        return Snapshots.map(({ SnapshotId }) => SnapshotId!);
    };
    /** The doctor's answer, with the ids and times of this run replaced. */
    const generic = (text: string) =>
        [...data.map(({ volumeId }) => volumeId), policyId]
            .reduce((all, id, index) => all.replaceAll(id, ["vol-0", "vol-1", "policy-0"][index]!), text)
            .replace(/snap-\w+/g, "snap-0")
            .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "TIME")
            .replace(/\d{4}-\d\d-\d\d/g, "DAY");
    const tagsOf = (owner: string) =>
        `'[{"ResourceType":"snapshot","Tags":[{"Key":"KubernetesCluster","Value":"${cluster.name}"},{"Key":"kubernetes.io/created-for/pv/name","Value":"${owner}"},{"Key":"${backupTag}","Value":"${cluster.name}/data"}]}]'`;

    it("reports no problems for backups that are made, with few requests", async () => {
        const recording = await recordCalls(servers.ec2Endpoint);
        assert.deepEqual(await doctor(), healthy);
        const calls = (await recording.stop()).map(({ action, region }) => `${action} ${region}`);
        assert.deepEqual(calls.sort(), [
            "DescribeSnapshots eu-central-1",
            "DescribeSnapshots eu-west-1",
            "DescribeVolumes eu-west-1",
            "DescribeVolumes eu-west-1",
            "ListSnapshotsInRecycleBin eu-west-1",
            "ListVolumesInRecycleBin eu-west-1",
        ]);
    });

    it("reports disks without a snapshot of the last two intervals", async () => {
        await advance(13);
        const { status, stdout } = await doctor();
        assert.equal(status, 1);
        assert.equal(
            generic(stdout),
            `storage data is backed up every 6 h, but for more than 12 h there is no complete snapshot of data-0 (the newest is of TIME), data-1 (the newest is of TIME)
    look why: docs/backups.md, When a backup fails
    aws dlm get-lifecycle-policy --policy-id=policy-0 --region=eu-west-1
    for a snapshot at once, which Data Lifecycle Manager won't delete
    aws ec2 create-snapshot --volume-id=vol-0 --tag-specifications=${tagsOf("data-0")} --region=eu-west-1
    aws ec2 create-snapshot --volume-id=vol-1 --tag-specifications=${tagsOf("data-1")} --region=eu-west-1
1 problem
`,
        );
        assert.equal(await runAwsCommands(servers, stdout), 2);
        assert.deepEqual(await doctor(), healthy);
    });

    it("shows them on the map, too", async () => {
        await advance(13);
        const { stdout } = await runCommand("map", ["--state", state, "--json"], environment());
        const { notices } = JSON.parse(stdout) as {
            notices: { kind: string; what: string; count: number }[];
        };
        assert.deepEqual(
            notices.map(({ kind, what, count }) => [
                kind,
                /^storage data is backed up every 6 h/.test(what),
                count,
            ]),
            [["backup", true, 1]],
        );
        const zone = await runCommand("map", ["--state", state, `--zone=${data[0]!.zone}`], environment());
        assert.match(zone.stdout, /data-0 .* UTC, overdue/);
    });

    it("reports a policy in state ERROR, with the reason", async () => {
        await changeAccount(servers, { rolesWithoutRights: [roleArn] });
        await runBackups(servers);
        const { stdout } = await doctor();
        assert.equal(
            generic(stdout),
            `backup policy policy-0 of storage data is in state ERROR (Role provided does not have sufficient permissions): nothing takes snapshots of PersistentVolume data-0, data-1
    solve that first: most often its role lacks rights (docs/permissions.md, The role of the backups)
    aws dlm update-lifecycle-policy --policy-id=policy-0 --state=ENABLED --region=eu-west-1
1 problem
`,
        );
        await changeAccount(servers, { rolesWithoutRights: [] });
        await runBackups(servers);
        assert.equal((await doctor()).stdout, stdout, "it doesn't go away by itself");
        assert.equal(await runAwsCommands(servers, stdout), 1);
        assert.deepEqual(await doctor(), healthy);
    });

    it("reports a policy that somebody has disabled", async () => {
        const disable = new UpdateLifecyclePolicyCommand({ PolicyId: policyId, State: "DISABLED" });
        await dlmClient(servers).send(disable);
        const { stdout } = await doctor();
        assert.equal(
            generic(stdout),
            `backup policy policy-0 of storage data is DISABLED: nothing takes snapshots of PersistentVolume data-0, data-1
    aws dlm update-lifecycle-policy --policy-id=policy-0 --state=ENABLED --region=eu-west-1
1 problem
`,
        );
        assert.equal(await runAwsCommands(servers, stdout), 1);
        assert.deepEqual(await doctor(), healthy);
    });

    it("reports a disk that its policy doesn't find", async () => {
        const Resources = [data[1]!.volumeId];
        await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: backupTag }] }));
        const { stdout } = await doctor();
        assert.equal(
            generic(stdout),
            `backup policy policy-0 of storage data doesn't find PersistentVolume data-1: their tags aren't those that it looks for
    aws ec2 create-tags --resources=vol-1 --tags Key=${backupTag},Value=${cluster.name}/data --region=eu-west-1
1 problem
`,
        );
        assert.equal(await runAwsCommands(servers, stdout), 1);
        assert.deepEqual(await doctor(), healthy);
    });

    it("reports snapshots that aren't copied", async () => {
        await advance(1);
        await changeAccount({ ...servers, region: "eu-central-1" }, { keysWithoutRights: ["alias/aws/ebs"] });
        await runBackups(servers);
        assert.deepEqual(await doctor(), healthy, "a copy may take an interval");
        await advance(7);
        const { stdout } = await doctor();
        assert.equal(
            generic(stdout),
            `snapshots of storage data aren't copied to eu-central-1: snap-0 of data-0 (TIME), snap-0 of data-1 (TIME)
    look why: its role must be able to use the keys of both regions (docs/permissions.md, The role of the backups)
    for a copy at once, which Data Lifecycle Manager won't delete
    aws ec2 copy-snapshot --source-region=eu-west-1 --source-snapshot-id=snap-0 --encrypted --tag-specifications=${tagsOf("data-0")} --region=eu-central-1
    aws ec2 copy-snapshot --source-region=eu-west-1 --source-snapshot-id=snap-0 --encrypted --tag-specifications=${tagsOf("data-1")} --region=eu-central-1
1 problem
`,
        );
        assert.equal(await runAwsCommands(servers, stdout), 2);
        assert.deepEqual(await doctor(), healthy);
    });

    it("brings a volume back that is missed", async () => {
        await changeAccount(servers, { recycleBinDays: 7 });
        await ec2.send(new DeleteVolumeCommand({ VolumeId: data[0]!.volumeId }));
        const { stdout } = await doctor();
        assert.equal(
            generic(stdout),
            `volume vol-0 (PersistentVolume data-0, data-0 in the state) isn't in EC2 in eu-west-1: a pulumi up after a refresh would make an EMPTY one in its place
    it lies in the Recycle Bin until DAY: bring it back, with its id and all its data
    aws ec2 restore-volume-from-recycle-bin --volume-id=vol-0 --region=eu-west-1
1 problem
`,
        );
        assert.equal(await runAwsCommands(servers, stdout), 1);
        assert.deepEqual(await doctor(), healthy);
    });

    it("lists other volumes of the cluster that can be had back, which is no problem", async () => {
        await changeAccount(servers, { recycleBinDays: 7 });
        const create = async (owner: string, name: string) => {
            const Tags = Object.entries(volumeTags(name, owner)).map(([Key, Value]) => ({ Key, Value }));
            const TagSpecifications = [{ ResourceType: "volume" as const, Tags }];
            const asked = { AvailabilityZone: "eu-west-1b", Size: 5, TagSpecifications };
            return (await ec2.send(new CreateVolumeCommand(asked))).VolumeId!;
        };
        const ours = await create("data-7", cluster.name);
        for (const VolumeId of [ours, await create("data-8", "otro.k8s.local")]) {
            await ec2.send(new DeleteVolumeCommand({ VolumeId }));
        }
        const { status, stdout } = await doctor();
        assert.equal(
            generic(stdout.replaceAll(ours, "vol-7")),
            `volume vol-7 (5 GiB, PersistentVolume data-7) was deleted on DAY and lies in the Recycle Bin until DAY
    to have it back, with the same id
    aws ec2 restore-volume-from-recycle-bin --volume-id=vol-7 --region=eu-west-1
no problems found
`,
        );
        assert.equal(status, 0);
        assert.equal(await runAwsCommands(servers, stdout), 1);
        assert.match(
            (await doctor()).stdout,
            new RegExp(`^volume ${ours} .* was made for PersistentVolume data-7`),
        );
        await changeAccount(servers, { recycleBinDays: 0 });
        await ec2.send(new DeleteVolumeCommand({ VolumeId: ours }));
        await advance(8 * 24);
    });

    /** The note on disks that no claim has taken for a week, by their age then. */
    const unused = () => {
        const each = data.map(
            ({ volumeId, persistentVolumeName: name }) =>
                `    ${volumeId}: 10 GiB, 9 days old, PersistentVolume ${name} is Available\n`,
        );
        return `2 volumes that nothing uses cost money: 20 GiB in all\n${each.join("")}`;
    };

    it("lists deleted snapshots of a disk that has no other", async () => {
        await changeAccount(servers, { recycleBinDays: 30 });
        const deleteAll = async (ids: readonly string[]) => {
            for (const SnapshotId of ids) {
                await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
            }
        };
        await deleteAll((await snapshotsOf(data[0]!.volumeId)).slice(0, -1));
        assert.deepEqual(await doctor(), { ...healthy, stdout: unused() + healthy.stdout });
        const all = await snapshotsOf(data[1]!.volumeId);
        await deleteAll(all);
        const { stdout } = await doctor();
        assert.match(stdout, /there is no complete snapshot of data-1 \(none at all\)$/m);
        const note = `volume vol-1 (PersistentVolume data-1) has no snapshot, and ${all.length} of it lie in the Recycle Bin
    to have them back, until DAY
${"    aws ec2 restore-snapshot-from-recycle-bin --snapshot-id=snap-0 --region=eu-west-1\n".repeat(all.length)}${generic(unused())}1 problem
`;
        assert.ok(generic(stdout).endsWith(note), stdout);
        const restores = stdout.split("\n").filter((line) => line.includes("restore-"));
        assert.equal(await runAwsCommands(servers, restores.join("\n")), restores.length);
        assert.deepEqual(await doctor(), { ...healthy, stdout: unused() + healthy.stdout });
    });

    describe("without a right", () => {
        const unseen: Readonly<Record<string, [string, RegExp]>> = {
            "ec2:DescribeVolumes": ["EC2", /could not read EC2/],
            "ec2:DescribeSnapshots": ["snapshots, copies in eu-central-1", /could not read snapshots/],
            "ec2:ListVolumesInRecycleBin": ["the Recycle Bin", /could not read the Recycle Bin/],
            "ec2:ListSnapshotsInRecycleBin": ["the Recycle Bin", /could not read the Recycle Bin/],
            "ec2:DescribeTags": ["the Recycle Bin", /could not read the Recycle Bin/],
            "dlm:GetLifecyclePolicy": ["backups", /could not read the backup policies/],
        };

        it("says what it couldn't look at, and goes on", async () => {
            assert.deepEqual(Object.keys(unseen).sort(), Object.keys(doctorActions).sort());
            const faulty = await faultyServers(servers, directory);
            const guard = new IamGuard(servers);
            faulty.ec2.judge = guard.judge;
            await changeAccount(servers, { recycleBinDays: 7 });
            const snapshot = await snapshotsOf(data[0]!.volumeId);
            await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshot[0] }));
            const { AWS_ENDPOINT_URL } = faulty.servers.environment;
            const allowing = async (...actions: string[]) => {
                guard.policy = { Statement: [{ Effect: "Allow", Action: actions, Resource: ["*"] }] };
                return doctor({ AWS_ENDPOINT_URL });
            };
            const all = Object.keys(doctorActions);
            assert.deepEqual(await allowing(...all), { ...healthy, stdout: unused() + healthy.stdout });
            for (const [action, [missing, line]] of Object.entries(unseen)) {
                const { status, stdout, stderr } = await allowing(...all.filter((one) => one !== action));
                const verdict = `no problems found in what could be read; not looked at: ${missing}\n`;
                const sums = action === "ec2:DescribeVolumes" ? "" : unused();
                assert.deepEqual([status, stdout], [2, sums + verdict], action);
                assert.match(stderr, line, action);
            }
            faulty.close();
        });
    });
});
