import {
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
    TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { fillAccount } from "../../sandbox/accounts";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { SandboxReader } from "../../sandbox/readBack";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { firstStart, project } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const data = { count: 3, volume: { sizeGiB: 10 } };

/** The promises of docs/data.md and docs/volumes.md, with the real engine. */
describe("volumes with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
    });
    after(() => end());

    /** Runs a command with the storage `data` as it is but for what is given. */
    const pulumi = (command: string[], different: object = {}) =>
        runWith(cli, { cluster, storages: { data: { ...data, ...different } } }, command);
    const up = ["up", "--yes", "--skip-preview"];
    const volumes = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as { data: { volumes: VolumeRecord[] } }).data.volumes;
    };
    const exists = async (id: string) => {
        const { Volumes = [] } = await ec2Client(servers).send(
            new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [id] }] }),
        );
        return Volumes[0];
    };

    const nodes = async (zone: string) => {
        const all = await new SandboxReader(servers).instances();
        const running = all.filter(
            ({ Placement, State, SecurityGroups = [] }) =>
                Placement?.AvailabilityZone === zone &&
                State?.Name === "running" &&
                SecurityGroups.some(({ GroupName }) => GroupName === `nodes.${cluster.name}`),
        );
        return running.map(({ InstanceId }) => String(InstanceId));
    };
    const terminate = (InstanceIds: string[]) =>
        ec2Client(servers).send(new TerminateInstancesCommand({ InstanceIds }));

    let first: VolumeRecord[];
    const third = () => first[2]!.volumeId;

    it("are created, and are unchanged by an update and a refresh", async () => {
        assert.deepEqual((await pulumi(up)).changes, { create: 9 });
        first = await volumes();
        assert.deepEqual((await pulumi(up)).changes, { same: 9 });
        await pulumi(["refresh", "--yes", "--skip-preview"]);
        assert.deepEqual((await pulumi(["preview"])).changes, { same: 9 });
    });

    it("stay in their zones when nodes change; new ones follow the nodes", async () => {
        const { instances } = await fillAccount(servers, {
            cluster: cluster.name,
            instances: [{ cluster: cluster.name, role: "node", zone: "eu-west-1a" }],
        });
        assert.deepEqual((await pulumi(["preview"])).changes, { same: 9 });
        const inC = await nodes("eu-west-1c");
        await terminate(inC);
        assert.deepEqual((await pulumi(up)).changes, { same: 9 });
        const four = { count: 4 };
        assert.deepEqual((await pulumi(up, four)).steps, [
            "create PersistentVolume data-3",
            "create Volume data-3",
        ]);
        assert.deepEqual((await volumes()).slice(0, 3), first);
        // Sorted zones a and b in turn.
        assert.equal((await volumes())[3]?.zone, "eu-west-1b");

        await terminate([...instances.map(({ id }) => id), ...(await nodes("eu-west-1b"))]);
        const { code, text, steps } = await pulumi(up, { count: 5, volume: { sizeGiB: 15 } });
        assert.notEqual(code, 0);
        assert.match(text, /no node of the cluster "proyecto.k8s.local" is running/);
        assert.deepEqual(steps, []);
        assert.equal((await exists(third()))?.Size, 10);

        await fillAccount(servers, {
            cluster: cluster.name,
            instances: ["b", "c"].map((letter) => ({
                cluster: cluster.name,
                role: "node" as const,
                zone: `eu-west-1${letter}`,
            })),
        });
        await pulumi(up, { ...four, protect: false });
        assert.deepEqual((await pulumi(up, { protect: false })).steps, [
            "delete PersistentVolume data-3",
            "delete Volume data-3",
        ]);
        await pulumi(up);
    });

    const refused: [string, object, RegExp][] = [
        [
            "a shrink",
            { volume: { sizeGiB: 5 } },
            /size of volume data-\d can't shrink from 10 to 5 GiB, EBS volumes only grow: set sizeGiB to 10 or more/,
        ],
        [
            "another snapshot",
            { volume: { sizeGiB: 10, snapshotId: "snap-0123456789abcdef0" } },
            /volume\.snapshotId must be left out, volume vol-\w+ of ordinal \d was created empty/,
        ],
        [
            "another KMS key",
            {
                volume: {
                    sizeGiB: 10,
                    kmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                },
            },
            /volume\.kmsKeyId must be arn:aws:kms:\S+, as volume vol-\w+ of ordinal \d has it/,
        ],
        [
            "another zone for a volume that exists",
            { overrides: { "1": { zone: "eu-west-1a" } } },
            /overrides\.1\.zone must be eu-west-1c, where the volume is and stays, or be left out, got "eu-west-1a"/,
        ],
        [
            "fewer of them, while they are protected",
            { count: 2 },
            /count must leave volume vol-\w+ of ordinal 2 in the storage, it is\s+protected: set protect to false/,
        ],
        [
            "a cluster without nodes",
            { nodes: { securityGroupName: "nodes.nowhere" } },
            /there is no instance in the security group "nodes\.nowhere"/,
        ],
    ];
    refused.forEach(([what, different, message]) =>
        it(`reject in preview: ${what}`, async () => {
            const { code, text } = await pulumi(["preview"], different);
            assert.notEqual(code, 0, text);
            assert.match(text, message);
            assert.doesNotMatch(text, /^\s+at /m, "no stack trace");
        }),
    );

    it("change their tags, labels, IOPS and throughput in place", async () => {
        const changed = {
            volume: { sizeGiB: 10, tags: { team: "storage" }, iops: 3500, throughputMiBps: 200 },
            persistentVolume: { labels: { tier: "fast" } },
        };
        assert.deepEqual((await pulumi(up, changed)).steps, [
            ...[0, 1, 2].map((ordinal) => `update PersistentVolume data-${ordinal}`),
            ...[0, 1, 2].map((ordinal) => `update Volume data-${ordinal}`),
        ]);
        const volume = await exists(third());
        assert.deepEqual([volume?.Iops, volume?.Throughput], [3500, 200]);
        assert.ok(volume?.Tags?.some(({ Key, Value }) => Key === "team" && Value === "storage"));
        const [persistentVolume] = await new SandboxReader(servers).persistentVolumes();
        assert.equal(persistentVolume?.metadata?.labels?.["tier"], "fast");
        assert.deepEqual(await volumes(), first);
    });

    it("grow and change their type in place", async () => {
        const grown = { volume: { sizeGiB: 20, type: "gp3", iops: 4000 } };
        const { steps, text } = await pulumi(up, grown);
        assert.deepEqual(
            steps.filter((step) => step.includes(" Volume ")),
            [0, 1, 2].map((ordinal) => `update Volume data-${ordinal}`),
            text,
        );
        assert.deepEqual(await volumes(), first);
        const volume = await exists(third());
        assert.deepEqual([volume?.Size, volume?.Iops], [20, 4000]);
        const [persistentVolume] = await new SandboxReader(servers).persistentVolumes();
        assert.equal(persistentVolume?.spec?.capacity?.storage, "10Gi", "left to the driver's resizer");
    });

    it("are released in two steps, stay in EC2 and are found by their tags", async () => {
        const volume = { sizeGiB: 20, iops: 4000 };
        assert.deepEqual((await pulumi(up, { volume, protect: false })).changes, {
            update: 1,
            same: 8,
        });
        const { changes: gone } = await pulumi(up, { volume, protect: false, count: 2 });
        assert.deepEqual(gone, { update: 1, delete: 2, same: 6 });
        const { Volumes = [] } = await ec2Client(servers).send(
            new DescribeVolumesCommand({
                Filters: [
                    { Name: "tag:KubernetesCluster", Values: [cluster.name] },
                    { Name: "tag:kubernetes.io/created-for/pv/name", Values: ["data-2"] },
                    { Name: "status", Values: ["available"] },
                ],
            }),
        );
        assert.deepEqual(
            Volumes.map(({ VolumeId }) => VolumeId),
            [third()],
        );
    });

    it("are used again as existing volumes", async () => {
        const overrides = { "2": { volumeId: third() } };
        const volume = { sizeGiB: 20, iops: 4000 };
        const { changes: back, text } = await pulumi(up, { volume, overrides, protect: false });
        assert.deepEqual(back, { create: 1, update: 1, same: 6 }, text);
        assert.deepEqual(await volumes(), first);
    });

    it("are imported into the stack again", async () => {
        const page = readFileSync(join(project, "docs", "volumes.md"), "utf8");
        const [, documented] = /```sh\npulumi (import[\s\S]*?)\npulumi preview/.exec(page) ?? [];
        const command = documented!
            .replace(/\\\n/g, "")
            .replace("vol-0123456789abcdef0", third())
            .replace("<stack>", "test")
            .split(/\s+/);
        const overrides = { "2": { volumeId: third() } };
        const volume = { sizeGiB: 20, iops: 4000 };
        const imported = await pulumi([...command, "--yes", "--skip-preview"], {
            volume,
            overrides,
            protect: false,
        });
        assert.equal(imported.code, 0, imported.text);
        const { changes: back, text } = await pulumi(up, { volume, protect: false });
        assert.equal(back.replace, undefined, text);
        assert.deepEqual(await volumes(), first);
        assert.deepEqual((await pulumi(["preview"], { volume, protect: false })).changes, { same: 9 });
    });

    it("are deleted or kept by their deletion policy", async () => {
        const volume = { sizeGiB: 20, iops: 4000 };
        const destroy = ["destroy", "--yes", "--skip-preview"];
        const snapshot = { volume, protect: false, deletionPolicy: "Snapshot" };
        const kept = { volume, protect: false };

        assert.deepEqual((await pulumi(destroy, kept)).changes, { delete: 9 });
        assert.ok(await exists(third()), "Retain");

        await pulumi(up, snapshot);
        const [{ volumeId }] = (await volumes()) as [VolumeRecord];
        assert.deepEqual((await pulumi(destroy, snapshot)).changes, { delete: 9 });
        assert.equal(await exists(volumeId), undefined);
        const { Snapshots = [] } = await ec2Client(servers).send(
            new DescribeSnapshotsCommand({ OwnerIds: ["self"] }),
        );
        assert.ok(
            Snapshots.some((one) => one.VolumeId === volumeId),
            "Snapshot",
        );

        const remove = { volume, protect: false, deletionPolicy: "Delete" };
        await pulumi(up, remove);
        const [last] = (await volumes()) as [VolumeRecord];
        assert.deepEqual((await pulumi(destroy, remove)).changes, { delete: 9 });
        assert.equal(await exists(last.volumeId), undefined, "Delete");
    });
});
