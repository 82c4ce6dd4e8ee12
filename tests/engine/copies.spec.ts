import { CreateVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import type { OverrideArgs, VolumeRecord } from "../../components";
import { changeAccount } from "../../sandbox/ec2/account";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { Contents } from "../support/cluster/contents";
import { DiskCluster, namespace, podOf } from "../support/cluster/diskCluster";
import { attachVolumes } from "../support/cluster/disksInUse";
import { idInState, Ledger } from "../support/cluster/ledger";
import { firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const copyOf = { cluster: cluster.name, storage: "web" };

/** The section of docs/backups.md on copies of another storage's volumes, with the real engine. */
describe("copies of volumes, with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let disks: DiskCluster;
    let contents: Contents;
    let ledger: Ledger;
    let end: () => Promise<void> = () => Promise.resolve();
    const sources: string[] = [];

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        disks = new DiskCluster(servers);
        contents = new Contents(servers);
        ledger = new Ledger(servers, cluster.name);
        const { code, text } = await pulumi({}, up);
        assert.equal(code, 0, text);
        sources.push(await idInState(cli, "web-0"), await idInState(cli, "web-1"));
        await startPod("a");
        await contents.follow();
        await contents.write();
    });
    after(() => end());

    const web = { count: 2, volume: { sizeGiB: 1 }, claims: { names: ["a", "b"], create: true } };
    const pulumi = (storages: object, command: string[]) =>
        runWith(cli, { cluster, storages: { web, ...storages } }, command);
    const claims = { names: ["test-a", "test-b"], create: true };
    const test = (volume: object = { copyOf }, more: object = {}) => ({
        test: { count: 2, volume: { sizeGiB: 1, ...volume }, claims, protect: false, ...more },
    });
    const override = (settings: OverrideArgs) => test({ copyOf }, { overrides: { "0": settings } });
    const startPod = async (claim: string) => {
        await disks.core.createNamespacedPod({ namespace, body: podOf(claim) });
        await disks.running(claim);
        await attachVolumes(servers);
    };
    const stopPod = async (name: string) => {
        await disks.core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
        await attachVolumes(servers);
    };
    const volumesOf = async (storage: string) => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>)[storage]?.volumes ?? [];
    };
    const inEc2 = async (ids: string[]) => {
        const { Volumes = [] } = await ec2Client(servers).send(
            new DescribeVolumesCommand({ VolumeIds: ids }),
        );
        return ids.map((id) => Volumes.find(({ VolumeId }) => VolumeId === id));
    };
    /** Checks that a preview is refused with these lines, and makes nothing. */
    const refused = async (storages: object, ...lines: RegExp[]) => {
        const { code, text, steps } = await pulumi(storages, ["preview"]);
        assert.notEqual(code, 0, text);
        lines.forEach((line) => assert.match(text.replace(/\s+/g, " "), line));
        assert.deepEqual(
            steps.filter((step) => step.includes("olume")),
            [],
        );
    };

    it("are refused in preview where EC2 or the provider makes none", async () => {
        await refused(
            test({ copyOf: { ...copyOf, storage: "other" } }),
            /volume\.copyOf must have a volume of PersistentVolume other-0 of cluster proyecto\.k8s\.local, for ordinal 0: EC2 has none/,
            /PersistentVolume other-1 .* for ordinal 1/,
        );
        const [first, second] = await inEc2(sources);
        await refused(
            override({ zone: second!.AvailabilityZone! }),
            new RegExp(
                `overrides\\.0\\.zone must be ${first!.AvailabilityZone} or be left out, EC2 copies ${sources[0]}`,
            ),
        );
        await refused(
            test({ copyOf }, { zones: ["eu-west-1c"] }),
            /volume\.copyOf must be of a volume in eu-west-1c, the storage's zones: EC2 copies vol-\w+ in its own, eu-west-1/,
        );
        await refused(
            test({ copyOf, encrypted: false }),
            /encrypted must be true or be left out for ordinal 0: vol-\w+ is encrypted, and so are its copies/,
        );
        await refused(
            test({ copyOf, kmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd" }),
            /kmsKeyId must be arn:\S+ for ordinal 0, as vol-\w+ has it, or be left out/,
        );
        await refused(
            override({ sourceVolumeId: "vol-0123456789abcdef0" }),
            /overrides\.0\.sourceVolumeId must be a volume of this account and region, got "vol-0123456789abcdef0"/,
        );
        await refused(
            override({ sourceVolumeId: sources[1]! }),
            /overrides\.1\.sourceVolumeId must not be that of ordinal 0, vol-\w+, in the same update/,
        );
        await refused(
            test({ copyOf }, { deletionPolicy: "Snapshot" }),
            /deletionPolicy must be Retain or Delete with/,
        );
        await refused(test({ copyOf, from: copyOf }), /volume\.copyOf can't be combined with from/);
        const Size = 2;
        const command = new CreateVolumeCommand({ AvailabilityZone: first!.AvailabilityZone!, Size });
        const { VolumeId } = await ec2Client(servers).send(command);
        await refused(
            override({ sourceVolumeId: VolumeId! }),
            new RegExp(`sizeGiB of ordinal 0 must be at least 2, as ${VolumeId} has it, got 1`),
            new RegExp(`encrypted must be false for ordinal 0: ${VolumeId} isn't encrypted`),
        );
    });

    it("are refused by a program with a process of its own, too, which neither hangs nor takes the memory", async () => {
        const other = { copyOf: { ...copyOf, storage: "other" } };
        const mistakes: [object, RegExp][] = [
            [test(other), /volume\.copyOf must have a volume of PersistentVolume other-0/],
            [test(other, { zones: ["eu-west-1x"] }), /zones: no availability zone "eu-west-1x"/],
            [
                test({ from: other.copyOf }),
                /volume\.from must have a complete snapshot of PersistentVolume other-0/,
            ],
        ];
        for (const [storages, message] of mistakes) {
            await cli.configure(stackConfig({ cluster, storages: { web, ...storages } }));
            const { code, stdout, stderr } = await cli.run(["preview"], {
                ownProcess: true,
                kill: AbortSignal.timeout(110_000),
                killsGroup: true,
            });
            assert.notEqual(code, 0);
            const text = stdout + stderr;
            assert.match(text.slice(text.indexOf("Diagnostics:")), message);
        }
    }).timeout(360_000);

    it("are made of volumes in use, in their zones, and say so in the preview", async () => {
        const preview = await pulumi(test(), ["preview"]);
        assert.equal(preview.code, 0, preview.text);
        const told = preview.text.replace(/\s+/g, " ");
        const [first, second] = await inEc2(sources);
        assert.match(
            told,
            new RegExp(
                `ordinal 0 is a copy of ${sources[0]} of PersistentVolume web-0 of cluster proyecto\\.k8s\\.local, as that is at the moment: in ${first!.AvailabilityZone}, 1 GiB, in use`,
            ),
        );
        assert.match(told, new RegExp(`ordinal 1 is a copy of ${sources[1]} .* 1 GiB, not in use`));
        const { code, text } = await pulumi(test(), up);
        assert.equal(code, 0, text);
        await contents.follow();
        const copies = await volumesOf("test");
        assert.deepEqual(
            copies.map(({ zone }) => zone),
            [first!.AvailabilityZone, second!.AvailabilityZone],
        );
        const made = await inEc2(copies.map(({ volumeId }) => volumeId));
        assert.deepEqual(
            made.map((volume) => [volume?.SourceVolumeId, volume?.KmsKeyId]),
            [first, second].map((volume) => [volume?.VolumeId, volume?.KmsKeyId]),
        );
        await startPod("test-a");
        await disks.running("a");
        await ledger.check();
    });

    it("keep what they are, also if their source is another one by now", async () => {
        const grown = test({ copyOf, sizeGiB: 2 });
        assert.deepEqual((await pulumi(test(), [...up, "--refresh"])).steps, []);
        assert.deepEqual(
            (await pulumi(test({ copyOf: { ...copyOf, storage: "gone" } }), ["preview"])).steps,
            [],
        );
        const other = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        await refused(
            test({ copyOf, kmsKeyId: other }),
            /volume\.kmsKeyId must be arn:\S+, as volume vol-\w+ of ordinal 0 has it/,
        );
        const unencrypted = await pulumi(test({ copyOf, encrypted: false }), ["preview"]);
        assert.deepEqual([unencrypted.code, unencrypted.steps], [0, []], unencrypted.text);
        assert.match(
            unencrypted.text.replace(/\s+/g, " "),
            /volume vol-\w+ of ordinal 0 is encrypted although volume\.encrypted is false/,
        );
        const { code, text } = await pulumi(grown, up);
        assert.equal(code, 0, text);
        assert.deepEqual((await pulumi(grown, [...up, "--refresh"])).steps, []);
    });

    const big = { copyOf, sizeGiB: 2 };

    it("are refused another key, and warned of encryption that they can't lose", async () => {
        const kmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        await refused(
            test({ ...big, kmsKeyId }),
            /volume\.kmsKeyId must be arn:\S+, as volume vol-\w+ of ordinal 0 has it/,
        );
        const { text } = await pulumi(test({ ...big, encrypted: false }), ["preview"]);
        assert.match(text.replace(/\s+/g, " "), /ordinal 0 is encrypted although volume\.encrypted is false/);
    });

    it("are refused to become volumes of the other type, unless their own setting says so", async () => {
        await refused(
            test({ sizeGiB: 2 }),
            new RegExp(
                `overrides\\.0\\.sourceVolumeId must be "${sources[0]}", or volume\\.copyOf stay, until a move releases vol-`,
            ),
        );
        const overrides = { "0": { sourceVolumeId: sources[0] }, "1": { sourceVolumeId: sources[1] } };
        assert.deepEqual((await pulumi(test({ sizeGiB: 2 }, { overrides }), ["preview"])).steps, []);
        const { text } = await pulumi({ ...test(big), web: { ...web, volume: { sizeGiB: 1, copyOf } } }, [
            "preview",
        ]);
        assert.match(
            text.replace(/\s+/g, " "),
            /volume\.copyOf must be left out for ordinal 0, which has volume vol-\w+/,
        );
    });

    it("move to another zone, and need copyOf no more once they are released", async () => {
        await stopPod("test-a");
        const [first] = await volumesOf("test");
        const zone = first?.zone === "eu-west-1b" ? "eu-west-1c" : "eu-west-1b";
        const keep = test(big, { overrides: { "0": { moves: [{ zone, from: "NewSnapshot" }] } } });
        const moved = await pulumi(keep, up);
        assert.equal(moved.code, 0, moved.text);
        await contents.follow();
        const [now] = await volumesOf("test");
        assert.deepEqual([now?.zone, now?.keptVolumeIds], [zone, [first?.volumeId]]);
        await startPod("test-a");
        await ledger.check();
        assert.deepEqual((await pulumi(keep, ["preview"])).steps, []);
        const moves = [{ zone, from: "NewSnapshot", previous: "Release" }];
        const overrides = { "0": { moves }, "1": { sourceVolumeId: sources[1] } };
        const released = await pulumi(test({ sizeGiB: 2 }, { overrides }), up);
        assert.equal(released.code, 0, released.text);
        assert.equal((await volumesOf("test"))[0]?.volumeId, now?.volumeId);
        await ledger.check();
    });

    it("wait for those that are in progress, and are deleted as the policy says", async () => {
        const six = (volume: object = {}, more: object = {}) => ({
            count: 6,
            volume: { sizeGiB: 1, ...volume },
            ...more,
        });
        const expendable = { protect: false, deletionPolicy: "Delete" };
        const copies = six({ copyOf: { ...copyOf, storage: "six" } }, expendable);
        await stopPod("test-a");
        const sixDisks = await pulumi({ six: six() }, up);
        assert.equal(sixDisks.code, 0, sixDisks.text);
        await changeAccount(servers, { copySeconds: 3 });
        const { code, text } = await pulumi({ six: six(), copies }, up);
        assert.equal(code, 0, text);
        const made = (await volumesOf("copies")).map(({ volumeId }) => volumeId);
        assert.equal(new Set(made).size, 6);
        const gone = await pulumi({ six: six() }, up);
        assert.equal(gone.code, 0, gone.text);
        await assert.rejects(inEc2(made), /InvalidVolume\.NotFound|does not exist/);
    });
});
