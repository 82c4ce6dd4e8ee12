import { CreateSnapshotCommand, CreateVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { VolumeRecord } from "../../components";
import { accountOfNodes, fillAccount, jenkinsOnKops } from "../../sandbox/accounts";
import { ec2Client } from "../../sandbox/ec2/instances";
import { recordCalls } from "../../sandbox/ec2/recorder";
import { readStack } from "../../sandbox/engine/program";
import { standIn } from "../../sandbox/engine";
import { diskProblems, SandboxReader } from "../../sandbox/readBack";
import type { Servers } from "../../sandbox/servers";
import { bringUp, firstStart, project, startSandbox, storageApi } from "../support/cluster/sandbox";

type Outputs = Record<string, { zones: string[]; storageClassName: string; volumes: VolumeRecord[] }>;

describe("main job", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox(jenkinsOnKops));
    });
    after(() => end());

    it("makes stack dev's disks, with 1 + 3 calls for zones and nodes", async () => {
        const recording = await recordCalls(servers.ec2Endpoint);
        const { errors, outputs } = await standIn(await readStack(project, "dev"), servers).up(
            () => undefined,
        );
        const calls = (await recording.stop()).map(({ action }) => action);
        assert.deepEqual(errors, []);
        const { zones, storageClassName, volumes } = (outputs.storages as Outputs).jenkins!;
        assert.deepEqual([zones, storageClassName], [["eu-west-1b", "eu-west-1c"], "manual-ebs"]);

        const disks = await new SandboxReader(servers).disks(volumes);
        assert.deepEqual(disks.flatMap(diskProblems), []);
        assert.deepEqual(
            disks.map(({ persistentVolume: { metadata, spec, status }, ec2 }) => ({
                name: metadata?.name,
                type: metadata?.labels?.type,
                capacity: spec?.capacity?.storage,
                accessModes: spec?.accessModes,
                reclaimPolicy: spec?.persistentVolumeReclaimPolicy,
                class: spec?.storageClassName,
                fsType: spec?.csi?.fsType,
                status: status?.phase,
                ec2: [ec2.zone, ec2.sizeGiB, ec2.type],
            })),
            ["eu-west-1c", "eu-west-1b", "eu-west-1c"].map((zone, position) => ({
                name: `manual-ebs-0${position + 1}`,
                type: "ebs",
                capacity: "10Gi",
                accessModes: ["ReadWriteOnce"],
                reclaimPolicy: "Retain",
                class: "manual-ebs",
                fsType: "ext4",
                status: "Available",
                ec2: [zone, 10, "gp2"],
            })),
        );
        assert.deepEqual(calls.filter((action) => /AvailabilityZones|Instances/.test(action)).sort(), [
            "DescribeAvailabilityZones",
            "DescribeInstances",
            "DescribeInstances",
            "DescribeInstances",
        ]);
    });

    it("needs as many calls with 500 nodes", async () => {
        const name = "big.k8s.local";
        await fillAccount(servers, accountOfNodes(name, 500, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]));
        const recording = await recordCalls(servers.ec2Endpoint);
        const { errors, outputs } = await bringUp(servers, {
            cluster: { name },
            storages: { big: { count: 3, volume: { sizeGiB: 1 } } },
        });
        const calls = (await recording.stop()).map(({ action }) => action);
        assert.deepEqual(errors, []);
        assert.deepEqual((outputs.storages as Outputs).big!.zones, [
            "eu-west-1a",
            "eu-west-1b",
            "eu-west-1c",
        ]);
        assert.equal(calls.filter((action) => /AvailabilityZones|Instances/.test(action)).length, 1 + 3);
    });

    const runSandbox = (args: string[], different: NodeJS.ProcessEnv = {}) =>
        spawnSync(
            process.execPath,
            [require.resolve("ts-node/dist/bin"), join(project, "sandbox", "main.ts"), "run", ...args],
            {
                encoding: "utf8",
                env: { ...process.env, ...withoutPulumi(), ...different },
                cwd: project,
            },
        );

    it("is run and printed by npm run sandbox, whose exit status tells whether it succeeded", () => {
        const { status, stdout, stderr } = runSandbox([]);
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /with the stand-in for the Pulumi CLI/);
        assert.match(stdout, /zones of the nodes, for storage jenkins: eu-west-1b, eu-west-1c/);
        assert.equal(
            stdout.match(/manual-ebs-0\d +10Gi +ReadWriteOnce +Retain +Available +manual-ebs +eu-west-1[bc]/g)
                ?.length,
            3,
            stdout,
        );
        assert.match(stdout, /every disk is Available, in the zone of its volume\n$/);
        // The README shows it, with ids and times of its own.
        const shown = /```\n(instances in the account:[\s\S]*?)```/.exec(
            readFileSync(join(project, "README.md"), "utf8"),
        );
        const printed = stdout.slice(stdout.indexOf("instances in the account:"));
        const alike = (text: string) => text.replace(/(i|vol)-\w+/g, "$1").replace(/ +\d+\.\d/g, "");
        assert.equal(alike(shown?.[1] ?? ""), alike(printed));
    });

    it("is printed as JSON with --json, and drawn as a map, whatever account the shell is set to", () => {
        const { status, stdout, stderr } = runSandbox(["--json"], {
            AWS_PROFILE: "no-such-profile",
            AWS_ENDPOINT_URL_EC2: "http://127.0.0.1:9",
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
        });
        assert.equal(status, 0, stderr);
        assert.match(stderr, /bringing up stack dev/);
        const { problems, disks, phases, map } = JSON.parse(stdout) as {
            problems: string[];
            disks: { persistentVolumeName: string; zone: string; status: string }[];
            phases: { phase: string }[];
            map: string;
        };
        assert.deepEqual(problems, []);
        assert.deepEqual(
            disks.map(({ persistentVolumeName, zone, status: phase }) => [persistentVolumeName, zone, phase]),
            ["eu-west-1c", "eu-west-1b", "eu-west-1c"].map((zone, position) => [
                `manual-ebs-0${position + 1}`,
                zone,
                "Available",
            ]),
        );
        assert.equal(phases.at(-1)?.phase, "draw map");
        const page = readFileSync(join(project, map), "utf8");
        assert.match(page, /<h1>dev<\/h1>/);
        assert.match(page, /10 GiB<\/span> · <span class="fact">gp2/);
        assert.match(page, /deleted with its data/);
    });

    it("gives each disk of a mixed storage exactly its settings", async () => {
        const ec2 = ec2Client(servers);
        const zone = "eu-west-1a";
        const existing = await ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: zone, Size: 77, VolumeType: "gp3", Encrypted: true }),
        );
        const snapshot = await ec2.send(new CreateSnapshotCommand({ VolumeId: existing.VolumeId }));
        const before = await describeVolume(servers, existing.VolumeId);

        const { errors, outputs } = await bringUp(servers, {
            cluster: { name: "proyecto.k8s.local" },
            storages: {
                mixed: {
                    count: 6,
                    volume: { sizeGiB: 40, iops: 4000, throughputMiBps: 500, tags: { team: "storage" } },
                    overrides: {
                        "1": { type: "io2", sizeGiB: 10, iops: 5000, encrypted: false },
                        "2": { type: "st1", sizeGiB: 125, zone, tags: { Name: "cold" } },
                        "3": { volumeId: existing.VolumeId },
                        "4": { snapshotId: snapshot.SnapshotId, sizeGiB: 80 },
                        "5": { type: "standard", sizeGiB: 1 },
                    },
                    dynamicStorageClass: { name: "mixed-dynamic" },
                    persistentVolume: {
                        fsType: "xfs",
                        accessModes: ["ReadWriteOncePod"],
                        mountOptions: ["noatime"],
                    },
                },
                shared: {
                    count: 1,
                    volume: { sizeGiB: 1 },
                    storageClass: { name: "mixed", create: false },
                    persistentVolume: { volumeMode: "Block" },
                },
            },
        });
        assert.deepEqual(errors, []);
        const { mixed, shared } = outputs.storages as Outputs;
        const disks = await new SandboxReader(servers).disks([...mixed!.volumes, ...shared!.volumes]);
        assert.deepEqual(disks.flatMap(diskProblems), []);

        const volumes = await Promise.all(
            mixed!.volumes.map(({ volumeId }) => describeVolume(servers, volumeId)),
        );
        const asked = { encrypted: true, size: 40, type: "gp3", iops: 4000, throughput: 500 };
        const nothing = { iops: undefined, throughput: undefined };
        assert.deepEqual(
            volumes.map(({ Tags: _, ...volume }) => ({
                zone: volume.AvailabilityZone,
                size: volume.Size,
                type: volume.VolumeType,
                iops: volume.Iops,
                throughput: volume.Throughput,
                encrypted: volume.Encrypted,
            })),
            [
                { ...asked, zone: "eu-west-1b" },
                {
                    ...asked,
                    ...nothing,
                    zone: "eu-west-1c",
                    type: "io2",
                    size: 10,
                    iops: 5000,
                    encrypted: false,
                },
                { ...asked, ...nothing, zone, type: "st1", size: 125 },
                { ...asked, zone, size: 77, iops: before.Iops, throughput: before.Throughput },
                { ...asked, zone: "eu-west-1b", size: 80 },
                { ...asked, ...nothing, zone: "eu-west-1c", type: "standard", size: 1 },
            ],
        );
        assert.equal(volumes[4]?.SnapshotId, snapshot.SnapshotId);
        assert.deepEqual(volumes[3], before, "a volume that isn't ours stays as it was");

        const tags = volumes.map(({ Tags = [] }) =>
            Object.fromEntries(Tags.map(({ Key = "", Value }): [string, unknown] => [Key, Value])),
        );
        const cluster = "proyecto.k8s.local";
        const expected = (ordinal: number) => ({
            Name: `mixed-${ordinal}.${cluster}`,
            KubernetesCluster: cluster,
            [`kubernetes.io/cluster/${cluster}`]: "shared",
            "ebs.csi.aws.com/cluster": "true",
            "ebs.csi.aws.com/cluster-name": cluster,
            "kubernetes.io/created-for/pv/name": `mixed-${ordinal}`,
            team: "storage",
        });
        assert.deepEqual(tags[0], expected(0));
        assert.deepEqual(tags[2], { ...expected(2), Name: "cold" });

        const dynamic = await storageApi(servers).readStorageClass({ name: "mixed-dynamic" });
        assert.deepEqual(
            [dynamic.provisioner, dynamic.volumeBindingMode],
            ["ebs.csi.aws.com", "WaitForFirstConsumer"],
        );
        assert.equal(
            JSON.stringify(dynamic.allowedTopologies?.[0]?.matchLabelExpressions),
            '[{"key":"topology.kubernetes.io/zone","values":["eu-west-1b","eu-west-1c"]}]',
        );

        const [first, ...others] = disks.map(({ persistentVolume }) => persistentVolume.spec);
        assert.deepEqual(
            [first?.csi?.fsType, first?.accessModes, first?.mountOptions, first?.volumeMode],
            ["xfs", ["ReadWriteOncePod"], ["noatime"], "Filesystem"],
        );
        assert.equal(others[2]?.capacity?.storage, "77Gi");
        assert.deepEqual([others[5]?.volumeMode, others[5]?.storageClassName], ["Block", "mixed"]);
    });
});

/** The CLI is neither on this PATH nor where its installer puts it. */
function withoutPulumi(): NodeJS.ProcessEnv {
    const folders = (process.env.PATH ?? "").split(delimiter);
    const PATH = folders.filter((folder) => !existsSync(join(folder, "pulumi"))).join(delimiter);
    return { PATH, PULUMI_HOME: "/nonexistent" };
}

async function describeVolume(servers: Servers, id: string | undefined): Promise<Volume> {
    const { Volumes = [] } = await ec2Client(servers).send(
        new DescribeVolumesCommand({ VolumeIds: [id ?? ""] }),
    );
    return Volumes[0]!;
}
