import { CreateSnapshotCommand, DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import type { MoveArgs, VolumeRecord } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { kubernetesError } from "../../sandbox/faults";
import type { FaultyServers } from "../../sandbox/faults";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { firstStart, storageApi } from "../support/cluster/sandbox";
import type { Servers } from "../../sandbox/servers";
import { runDoctorOn } from "../support/tools/doctor";
import { runRecover } from "../support/tools/onStack";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const free = { protect: false, deletionPolicy: "Delete" };

/** Mistakes in settings, alone and after a failure: no disk gets lost, empty or older. */
describe("mistakes with the Pulumi CLI", function () {
    this.timeout(180_000);

    let servers: Servers;
    let faulty: FaultyServers;
    let cli: PulumiCli;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, faulty, cli, end } = await startCli(this, { sharesProcess: true }));
        ec2 = ec2Client(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());
    afterEach(async () => {
        [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal());
        await cli.run(["state", "unprotect", "--all", "--yes"]);
        const { code, stderr } = await cli.run(["destroy", "--yes", "--skip-preview", "--refresh"]);
        assert.equal(code, 0, stderr);
    });

    const storages = (different: object = {}, others: object = {}) => ({
        cluster,
        storages: { data: { count: 1, volume: { sizeGiB: 1 }, ...different }, ...others },
    });
    const moved = (moves: readonly MoveArgs[], different: object = {}) =>
        storages({ ...different, overrides: { "0": { moves } } });
    const run = (settings: Readonly<Record<string, unknown>>, command = up) =>
        runWith(cli, settings, command);
    const must = (settings: Readonly<Record<string, unknown>>, command = up) =>
        mustRun(cli, settings, command);
    const disks = async (storage = "data") => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>)[storage]!.volumes;
    };
    const idNow = async () => (await disks())[0]!.volumeId;
    const volumes = async () => {
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ VolumeId, Size }) => `${VolumeId} ${Size}`).sort();
    };
    const has = async (id: string) => (await volumes()).some((one) => one.startsWith(`${id} `));
    const handles = async () => {
        const { items } = await core.listPersistentVolume();
        return Object.fromEntries(
            items.map(({ metadata, spec }) => [String(metadata?.name), spec?.csi?.volumeHandle]),
        );
    };
    const everything = async () => {
        const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
        return [await volumes(), Snapshots.map(({ SnapshotId }) => SnapshotId).sort(), await handles()];
    };
    /** Both the preview and an update without one say no, and nothing has changed. */
    const refused = async (settings: Readonly<Record<string, unknown>>, message: RegExp) => {
        const before = await everything();
        for (const command of [["preview"], up]) {
            const { code, text, steps } = await run(settings, command);
            assert.notEqual(code, 0, `${command[0]} isn't refused: ${String(steps)}`);
            assert.match(text.replace(/\s+/g, " "), message);
            assert.deepEqual(await everything(), before);
        }
    };
    const snapshotOf = async (VolumeId: string) => {
        const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
        // The sandbox dates snapshots to the second.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        return SnapshotId;
    };
    const toC: MoveArgs = { zone: "eu-west-1c" };
    const newToC: MoveArgs = { ...toC, from: "NewSnapshot" };
    /** A move whose new volume exists, while the disk is still on the old one and is written to. */
    const incompleteMove = async () => {
        await must(storages());
        faulty.kubernetes.fail(kubernetesError(403, "Forbidden"), {
            matching: ({ method, path }) => method === "DELETE" && path.includes("persistentvolumes"),
        });
        assert.notEqual((await run(moved([newToC]))).code, 0);
        faulty.kubernetes.heal();
    };

    for (const deletionPolicy of ["Delete", "Snapshot"]) {
        it(`keep the volume that volumeId names when ${deletionPolicy} becomes Retain in the same update`, async () => {
            await must(storages({ protect: false, deletionPolicy }));
            const volumeId = await idNow();
            const overrides = { "0": { volumeId } };
            await run(storages({ protect: false, deletionPolicy: "Retain", overrides }));
            assert.ok(await has(volumeId), "the volume of PersistentVolume data-0 is deleted");
        });
    }

    it("reject an empty list of moves when the first volume is released", async () => {
        await must(storages(free));
        await snapshotOf(await idNow());
        await must(moved([toC], free));
        await must(moved([{ ...toC, previous: "Release" }], free));
        await refused(storages(free), /overrides\.0/);
    });

    it("reject a kept volume that was released before, which would be another, empty one", async () => {
        await must(storages(free));
        await snapshotOf(await idNow());
        await must(moved([toC], free));
        await must(moved([{ ...toC, previous: "Release" }], free));
        await refused(moved([toC], free), /overrides\.0/);
    });

    it("reject a shorter list of moves, which would bring back older data, when protect is false", async () => {
        await must(storages(free));
        await must(moved([newToC], free));
        await refused(storages(free), /overrides\.0/);
    });

    const bypasses: [string, MoveArgs[]][] = [
        ["another move follows", [newToC, { zone: "eu-west-1b", from: "NewSnapshot" }]],
        ["from is removed", [toC]],
        ["snapshotId is another snapshot", [{ ...toC, snapshotId: "snap-0123456789abcdef0" }]],
    ];
    bypasses.forEach(([what, moves]) =>
        it(`reject the snapshot of an incomplete move when ${what}`, async () => {
            await incompleteMove();
            await refused(moved(moves), /overrides\.0\.moves\.0\.snapshotId/);
        }),
    );

    it("reject a recovery that takes over a class of the state under another name", async () => {
        await must(storages(free));
        const id = await idNow();
        const other = { count: 1, volume: { sizeGiB: 1 }, ...free, storageClass: { name: "data" } };
        const renamed = { cluster, storages: { other } };
        assert.match((await run(renamed)).text, /already exists/);
        const { status, stdout, stderr } = await runRecover(cli, servers, ["--yes"]);
        const classes = (await storageApi(servers).listStorageClass()).items;
        const names = classes.map(({ metadata }) => metadata?.name);
        assert.ok(names.includes("data"), `class data is deleted: ${stdout}`);
        assert.ok(await has(id), "the volume is deleted");
        assert.equal(status, 2, stdout + stderr);
    });

    it("reject another zone of a move that was made, when a move follows", async () => {
        await must(storages());
        await must(moved([newToC]));
        await refused(
            moved([
                { zone: "eu-west-1a", from: "NewSnapshot" },
                { zone: "eu-west-1b", from: "NewSnapshot" },
            ]),
            /overrides\.0\.moves\.0\.zone must be eu-west-1c/,
        );
    });

    it("reject another snapshotId of a move that was made", async () => {
        await must(storages());
        await must(moved([newToC]));
        const snapshotId = await snapshotOf(await idNow());
        await refused(moved([{ ...toC, snapshotId }]), /overrides\.0\.moves\.0\.snapshotId/);
    });

    it("take no snapshot for a move to a zone that doesn't exist", async () => {
        await must(storages());
        await refused(moved([{ zone: "eu-west-1z", from: "NewSnapshot" }]), /no availability zone/);
    });

    it("are no leftover of an interrupted update to the doctor: the retained volume of an ordinal that came back", async () => {
        const retained = { protect: false };
        await must(storages({ ...retained, count: 2 }));
        const { volumeId } = (await disks())[1]!;
        await must(storages(retained));
        const { text } = await run(storages({ ...retained, count: 2 }), ["preview"]);
        assert.match(
            text.replace(/\s+/g, " "),
            new RegExp(`data-1 gets a new, empty volume, and EC2 has ${volumeId}, made for it before`),
        );
        await must(storages({ ...retained, count: 2 }));
        const { stdout } = await runDoctorOn(cli, servers);
        assert.match(
            stdout,
            new RegExp(`${volumeId} .* so either deletionPolicy Retain kept this one with its data`),
        );
    });

    it("name the way out of a first move that releases at once", async () => {
        await must(storages(free));
        const { text } = await run(moved([{ ...newToC, previous: "Release" }], free));
        assert.doesNotMatch(text, /Give the move's snapshotId, or from NewSnapshot/, "from is NewSnapshot");
    });
});
