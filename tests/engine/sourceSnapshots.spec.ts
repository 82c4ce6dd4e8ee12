import {
    CopySnapshotCommand,
    CreateSnapshotCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { VolumeRecord } from "../../components";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { idInState } from "../support/cluster/ledger";
import { runbook } from "../support/pages/runbook";
import { firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const web = { count: 2, volume: { sizeGiB: 1 } };
const up = ["up", "--yes", "--skip-preview"];

/** The section of docs/backups.md on another storage's data, and the runbook of a lost region, with the real engine. */
describe("disks from another storage's snapshots, with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();
    /** Snapshots by disk, the oldest first. */
    const snapshots: Record<string, string[]> = { "web-0": [], "web-1": [] };
    let between = "";

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        const { code, text } = await pulumi({}, up);
        assert.equal(code, 0, text);
    });
    after(() => end());

    const pulumi = (storages: object, command: string[]) =>
        runWith(cli, { cluster, storages: { web, ...storages } }, command);
    const take = async (volume: string, disk = volume) => {
        const ec2 = ec2Client(servers);
        const VolumeId = await idInState(cli, volume);
        // As Data Lifecycle Manager takes them, with the volume's tags.
        const Tags = [
            { Key: "KubernetesCluster", Value: cluster.name },
            { Key: "kubernetes.io/created-for/pv/name", Value: disk },
        ];
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags }];
        const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications }));
        snapshots[disk]?.push(String(SnapshotId));
    };
    const volumesOf = async (storage: string) => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>)[storage]?.volumes ?? [];
    };
    const from = { cluster: cluster.name, storage: "web" };
    const test = (different: object = {}, count = 2) => ({
        count,
        volume: { sizeGiB: 1, from: { ...from, ...different } },
    });

    it("are refused in preview, all at once, where there are no snapshots", async () => {
        await take("web-0");
        const { code, text } = await pulumi({ test: test({}, 3) }, ["preview"]);
        assert.notEqual(code, 0);
        const told = text.replace(/\s+/g, " ");
        for (const ordinal of [1, 2]) {
            assert.match(
                told,
                new RegExp(
                    `volume\\.from must have a complete snapshot of PersistentVolume web-${ordinal} of cluster proyecto\\.k8s\\.local, for ordinal ${ordinal}`,
                ),
            );
        }
    });

    it("start from the newest ones, which the preview names with their age", async () => {
        await take("web-1");
        // The sandbox dates snapshots to the second.
        await sleep(1100);
        between = `${new Date().toISOString().slice(0, 19)}Z`;
        await sleep(1100);
        await take("web-0");
        await take("web-1");
        const { text } = await pulumi({ test: test() }, ["preview"]);
        assert.match(
            text.replace(/\s+/g, " "),
            new RegExp(
                `ordinal 1 starts from ${snapshots["web-1"]?.[1]} of PersistentVolume web-1 of cluster proyecto\\.k8s\\.local, begun at \\S+, 0\\.0 h ago`,
            ),
        );
        const made = await pulumi({ test: test() }, up);
        assert.equal(made.code, 0, made.text);
        const found = (await volumesOf("test")).map(({ snapshotId }) => snapshotId);
        assert.deepEqual(found, [snapshots["web-0"]?.[1], snapshots["web-1"]?.[1]]);
    });

    it("keep what they started from when later snapshots are taken", async () => {
        await sleep(1100);
        await take("web-0");
        const { steps, text } = await pulumi({ test: test() }, [...up, "--refresh"]);
        assert.deepEqual(steps, [], text);
        assert.doesNotMatch(text, /starts from/);
    });

    it("are restored from the newest ones in the update that refreshes a state with a lost volume", async () => {
        const VolumeId = await idInState(cli, "test-0");
        await ec2Client(servers).send(new DeleteVolumeCommand({ VolumeId }));
        const lost = { ...test(), overrides: { "0": { lostVolumeId: VolumeId } } };
        const { code, text } = await pulumi({ test: lost }, [...up, "--refresh"]);
        assert.equal(code, 0, text);
        const newest = snapshots["web-0"]?.[2];
        assert.match(
            text.replace(/\s+/g, " "),
            new RegExp(
                `ordinal 0 starts from ${newest} of PersistentVolume web-0 .* h ago, if ${VolumeId} is gone`,
            ),
        );
        assert.equal((await volumesOf("test"))[0]?.snapshotId, newest);
        assert.deepEqual((await pulumi({ test: lost }, [...up, "--refresh"])).steps, []);
    });

    it("start from those that were begun before a time", async () => {
        const { code, text } = await pulumi({ test: test(), older: test({ before: between }) }, up);
        assert.equal(code, 0, text);
        const found = (await volumesOf("older")).map(({ snapshotId }) => snapshotId);
        assert.deepEqual(found, [snapshots["web-0"]?.[0], snapshots["web-1"]?.[0]]);
    });

    it("are refused where they are smaller than the snapshots", async () => {
        const big = { count: 1, volume: { sizeGiB: 2 } };
        const others = { test: test(), older: test({ before: between }), big };
        assert.equal((await pulumi(others, up)).code, 0);
        await take("big-0");
        const small = { count: 1, volume: { sizeGiB: 1, from: { ...from, storage: "big" } } };
        const { text } = await pulumi({ ...others, small }, ["preview"]);
        assert.match(
            text.replace(/\s+/g, " "),
            /sizeGiB must be at least 2, as snap-\w+ of PersistentVolume big-0 .* has it, got 1/,
        );
    });

    it("start from copies of another region's snapshots, which are made once", async () => {
        const region = "eu-central-1";
        const names = { persistentVolume: { namePrefix: "copied" }, storageClass: { name: "copied" } };
        const copied = (different: object) => ({ ...test(different), ...names });
        await cli.run(["stack", "init", "copied", "--no-select"]);
        const file = join(cli.project, "Pulumi.copied.yaml");
        const run = async (different: object, ...command: string[]) => {
            const own = { ...cluster, region, zones: [`${region}a`, `${region}b`] };
            const config = stackConfig({ cluster: own, storages: { copied: copied(different) } });
            await writeFile(file, stringify({ config }));
            const { code, stdout, stderr } = await cli.run([...command, "--stack", "copied"]);
            return { code, text: (stdout + stderr).replace(/\s+/g, " ") };
        };
        const itself = await run({ region }, "preview");
        assert.match(itself.text, /volume\.from\.region must be another region than that of the storage/);
        const elsewhere = { region: "eu-west-1" };
        const preview = await run(elsewhere, "preview");
        assert.match(
            preview.text,
            /ordinal 0 starts from a copy of snap-\w+ in eu-west-1 of PersistentVolume web-0/,
        );
        const made = await run(elsewhere, ...up);
        assert.equal(made.code, 0, made.text);
        const theirs = ec2Client({ ...servers, region });
        const { Snapshots = [] } = await theirs.send(
            new DescribeSnapshotsCommand({
                Filters: [{ Name: "tag:KubernetesCluster", Values: [cluster.name] }],
            }),
        );
        const { Volumes = [] } = await theirs.send(new DescribeVolumesCommand({}));
        const sources = Volumes.map(({ SnapshotId }) => SnapshotId).sort();
        assert.equal(sources.length, 2);
        assert.deepEqual(sources, Snapshots.map(({ SnapshotId }) => SnapshotId).sort());
        await take("web-0");
        const again = await run(elsewhere, "preview", "--expect-no-changes");
        assert.equal(again.code, 0, again.text);
        // The copies leave the stack, and stay in EC2.
        const without = await run({}, ...up);
        assert.equal(without.code, 0, without.text);
        const left = await theirs.send(new DescribeSnapshotsCommand({ SnapshotIds: sources.map(String) }));
        assert.equal(left.Snapshots?.length, 2);
        assert.equal((await run({}, "preview", "--expect-no-changes")).code, 0);
        const late = await run(elsewhere, "preview");
        assert.match(
            late.text,
            /volume\.from\.region must be left out where a volume was made without it: ordinal 0 has vol-\w+ already/,
        );
    });

    it("don't start from the last snapshot of a volume that the disk had left", async () => {
        const big = { count: 1, volume: { sizeGiB: 2 } };
        const others = { test: test(), older: test({ before: between }), big };
        const left = (move?: object) => ({
            ...{ count: 1, volume: { sizeGiB: 1 }, protect: false, deletionPolicy: "Snapshot" },
            ...(move && { overrides: { "0": { moves: [{ from: "NewSnapshot", ...move }] } } }),
        });
        snapshots["left-0"] = [];
        assert.equal((await pulumi({ ...others, left: left() }, up)).code, 0);
        assert.equal((await pulumi({ ...others, left: left({}) }, up)).code, 0);
        await sleep(1100);
        await take("left-0-moved-1", "left-0");
        await sleep(1100);
        const released = { ...others, left: left({ previous: "Release" }) };
        assert.equal((await pulumi(released, up)).code, 0);
        const newer = { count: 1, volume: { sizeGiB: 1, from: { ...from, storage: "left" } } };
        for (const before of [undefined, "2099-01-01T00:00:00Z"]) {
            const volume = { ...newer.volume, from: { ...newer.volume.from, before } };
            const { text } = await pulumi({ ...released, newer: { ...newer, volume } }, ["preview"]);
            assert.match(
                text.replace(/\s+/g, " "),
                new RegExp(`ordinal 0 starts from ${snapshots["left-0"][0]} `),
            );
        }
    });

    it("start in another region from the copies that the backup has made there", async () => {
        const region = "eu-central-1";
        const [ours, theirs] = [ec2Client(servers), ec2Client({ ...servers, region })];
        for (const disk of ["web-0", "web-1"]) {
            const SnapshotIds = [String(snapshots[disk]?.[1])];
            const { Snapshots = [] } = await ours.send(new DescribeSnapshotsCommand({ SnapshotIds }));
            // With copyTags, as the policy asks for it.
            const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: Snapshots[0]?.Tags ?? [] }];
            await theirs.send(
                new CopySnapshotCommand({
                    SourceRegion: "eu-west-1",
                    SourceSnapshotId: SnapshotIds[0],
                    TagSpecifications,
                }),
            );
        }
        const [settings] = runbook("A region is lost").filter(({ language }) => language === "yaml");
        const page = parse(settings?.text ?? "") as { cluster: object; storages: { web: object } };
        // One cluster plays both here: the names of the lost one's objects are still taken.
        const names = { persistentVolume: { namePrefix: "there" }, storageClass: { name: "there" } };
        const saved = { ...page.storages.web, count: 2, ...names };
        const zones = [`${region}a`, `${region}b`];
        await cli.run(["stack", "init", "there", "--no-select"]);
        const file = join(cli.project, "Pulumi.there.yaml");
        const config = stackConfig({ cluster: { ...page.cluster, zones }, storages: { web: saved } });
        await writeFile(file, stringify({ ...(parse(await readFile(file, "utf8")) as object), config }));
        const { code, stdout, stderr } = await cli.run([...up, "--stack", "there"]);
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout.replace(/\s+/g, " "), /ordinal 0 starts from snap-\w+ of PersistentVolume web-0/);
        const { stdout: outputs } = await cli.run([
            "stack",
            "output",
            "storages",
            "--json",
            "--stack",
            "there",
        ]);
        const { volumes } = (JSON.parse(outputs) as { web: { volumes: VolumeRecord[] } }).web;
        assert.deepEqual(
            volumes.map(({ zone }) => zone),
            zones,
        );
        const { Volumes = [] } = await theirs.send(
            new DescribeVolumesCommand({ VolumeIds: volumes.map(({ volumeId }) => volumeId) }),
        );
        assert.deepEqual(
            Volumes.map(({ SnapshotId }) => SnapshotId).sort(),
            volumes.map(({ snapshotId }) => snapshotId).sort(),
        );
    });
});
