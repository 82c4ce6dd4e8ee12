import assert from "node:assert/strict";
import type { MoveArgs, VolumeRecord } from "../../components";
import { kubernetesError } from "../../sandbox/faults";
import { deletesPersistentVolume, DiskStack, free } from "../support/cli/diskStack";
import { storageApi } from "../support/cluster/sandbox";
import { runDoctorOn } from "../support/tools/doctor";
import { runRecover } from "../support/tools/onStack";

const cluster = { name: "proyecto.k8s.local" };

/** Mistakes in settings, alone and after a failure: no disk gets lost, empty or older. */
describe("mistakes with the Pulumi CLI", function () {
    this.timeout(180_000);

    const stack = new DiskStack();
    stack.useInSuite();

    const storages = (different: object = {}, others: object = {}) => ({
        cluster,
        storages: { data: { count: 1, volume: { sizeGiB: 1 }, ...different }, ...others },
    });
    const moved = (moves: readonly MoveArgs[], different: object = {}) =>
        storages({ ...different, overrides: { "0": { moves } } });
    const disks = async (storage = "data") => {
        const { stdout } = await stack.sandbox.cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>)[storage]!.volumes;
    };
    const idNow = async () => (await disks())[0]!.volumeId;
    const has = async (id: string) => (await stack.volumes()).some((one) => one.startsWith(`${id} `));
    const toC: MoveArgs = { zone: "eu-west-1c" };
    const newToC: MoveArgs = { ...toC, from: "NewSnapshot" };
    /** A move whose new volume exists, while the disk is still on the old one and is written to. */
    const incompleteMove = async () => {
        await stack.must(storages());
        const { kubernetes } = stack.sandbox.faulty;
        kubernetes.fail(kubernetesError(403, "Forbidden"), { matching: deletesPersistentVolume });
        assert.notEqual((await stack.run(moved([newToC]))).code, 0);
        kubernetes.heal();
    };

    for (const deletionPolicy of ["Delete", "Snapshot"]) {
        it(`keep the volume that volumeId names when ${deletionPolicy} becomes Retain in the same update`, async () => {
            await stack.must(storages({ protect: false, deletionPolicy }));
            const volumeId = await idNow();
            const overrides = { "0": { volumeId } };
            await stack.run(storages({ protect: false, deletionPolicy: "Retain", overrides }));
            assert.ok(await has(volumeId), "the volume of PersistentVolume data-0 is deleted");
        });
    }

    it("reject an empty list of moves when the first volume is released", async () => {
        await stack.must(storages(free));
        await stack.snapshotOf(await idNow());
        await stack.must(moved([toC], free));
        await stack.must(moved([{ ...toC, previous: "Release" }], free));
        await stack.refused(storages(free), /overrides\.0/);
    });

    it("reject a kept volume that was released before, which would be another, empty one", async () => {
        await stack.must(storages(free));
        await stack.snapshotOf(await idNow());
        await stack.must(moved([toC], free));
        await stack.must(moved([{ ...toC, previous: "Release" }], free));
        await stack.refused(moved([toC], free), /overrides\.0/);
    });

    it("reject a shorter list of moves, which would bring back older data, when protect is false", async () => {
        await stack.must(storages(free));
        await stack.must(moved([newToC], free));
        await stack.refused(storages(free), /overrides\.0/);
    });

    const bypasses: [string, MoveArgs[]][] = [
        ["another move follows", [newToC, { zone: "eu-west-1b", from: "NewSnapshot" }]],
        ["from is removed", [toC]],
        ["snapshotId is another snapshot", [{ ...toC, snapshotId: "snap-0123456789abcdef0" }]],
    ];
    bypasses.forEach(([what, moves]) =>
        it(`reject the snapshot of an incomplete move when ${what}`, async () => {
            await incompleteMove();
            await stack.refused(moved(moves), /overrides\.0\.moves\.0\.snapshotId/);
        }),
    );

    it("reject a recovery that takes over a class of the state under another name", async () => {
        await stack.must(storages(free));
        const id = await idNow();
        const other = { count: 1, volume: { sizeGiB: 1 }, ...free, storageClass: { name: "data" } };
        const renamed = { cluster, storages: { other } };
        assert.match((await stack.run(renamed)).text, /already exists/);
        const { cli, servers } = stack.sandbox;
        const { status, stdout, stderr } = await runRecover(cli, servers, ["--yes"]);
        const classes = (await storageApi(servers).listStorageClass()).items;
        const names = classes.map(({ metadata }) => metadata?.name);
        assert.ok(names.includes("data"), `class data is deleted: ${stdout}`);
        assert.ok(await has(id), "the volume is deleted");
        assert.equal(status, 2, stdout + stderr);
    });

    it("reject another zone of a move that was made, when a move follows", async () => {
        await stack.must(storages());
        await stack.must(moved([newToC]));
        await stack.refused(
            moved([
                { zone: "eu-west-1a", from: "NewSnapshot" },
                { zone: "eu-west-1b", from: "NewSnapshot" },
            ]),
            /overrides\.0\.moves\.0\.zone must be eu-west-1c/,
        );
    });

    it("reject another snapshotId of a move that was made", async () => {
        await stack.must(storages());
        await stack.must(moved([newToC]));
        const snapshotId = await stack.snapshotOf(await idNow());
        await stack.refused(moved([{ ...toC, snapshotId }]), /overrides\.0\.moves\.0\.snapshotId/);
    });

    it("take no snapshot for a move to a zone that doesn't exist", async () => {
        await stack.must(storages());
        await stack.refused(moved([{ zone: "eu-west-1z", from: "NewSnapshot" }]), /no availability zone/);
    });

    it("are no leftover of an interrupted update to the doctor: the retained volume of an ordinal that came back", async () => {
        const retained = { protect: false };
        await stack.must(storages({ ...retained, count: 2 }));
        const { volumeId } = (await disks())[1]!;
        await stack.must(storages(retained));
        const { text } = await stack.run(storages({ ...retained, count: 2 }), ["preview"]);
        assert.match(
            text.replace(/\s+/g, " "),
            new RegExp(`data-1 gets a new, empty volume, and EC2 has ${volumeId}, made for it before`),
        );
        await stack.must(storages({ ...retained, count: 2 }));
        const { stdout } = await runDoctorOn(stack.sandbox.cli, stack.sandbox.servers);
        assert.match(
            stdout,
            new RegExp(
                `${volumeId} .* so a move keeps this one with its data .* or deletionPolicy Retain kept it`,
            ),
        );
    });

    it("name the way out of a first move that releases at once", async () => {
        await stack.must(storages(free));
        const { text } = await stack.run(moved([{ ...newToC, previous: "Release" }], free));
        assert.doesNotMatch(text, /Give the move's snapshotId, or from NewSnapshot/, "from is NewSnapshot");
    });
});
