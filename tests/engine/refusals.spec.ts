import assert from "node:assert/strict";
import { ec2Error, kubernetesError } from "../../sandbox/faults";
import { childUrn } from "../../components/engine/stackState";
import { childTypes } from "../../components/engine/resourceTypes";
import { callsOf, deletesPersistentVolume, DiskStack, free, up } from "../support/cli/diskStack";
import { storageUrn } from "../support/fixtures/recordedState";

const cluster = { name: "proyecto.k8s.local" };
const one = { count: 1, volume: { sizeGiB: 1 } };
const urn = childUrn(storageUrn("data", "test", "zonal-persistent-storage"), childTypes.volume, "data-0");

/** An update that ends refused has changed nothing before. */
describe("refused updates with the Pulumi CLI", function () {
    this.timeout(180_000);

    const stack = new DiskStack();
    stack.useInSuite();

    const storages = (all: Readonly<Record<string, object>>) => ({ cluster, storages: all });

    it("delete no PersistentVolume when protect becomes false and count smaller at once", async () => {
        await stack.must(storages({ data: { ...one, count: 2 } }));
        const message = /count must leave volume vol-\w+ of ordinal 1 .* without any other change/;
        await stack.refused(storages({ data: { ...one, protect: false } }), message);
        // A refusal leaves the storage in the state as it was.
        await stack.refused(storages({ data: { ...one, protect: false } }), message);
        await stack.must(storages({ data: { ...one, count: 2, protect: false } }));
        const steps = await stack.must(storages({ data: { ...one, protect: false } }));
        assert.ok(steps.includes("delete PersistentVolume data-1"), String(steps));
        assert.ok(steps.includes("delete Volume data-1"), String(steps));
    });

    it("delete no PersistentVolume of a storage that is removed while it is protected", async () => {
        await stack.must(storages({ data: one, logs: one }));
        const message = /storages\.logs must stay: its volumes are protected, vol-\w+.* aliases: \[logs\]/;
        await stack.refused(storages({ data: one }), message);
        await stack.must(storages({ data: one, logs: { ...one, protect: false } }));
        const steps = await stack.must(storages({ data: one }));
        assert.ok(steps.includes("delete Volume logs-0"), String(steps));
    });

    it("change no other storage, by the state and by the account", async () => {
        await stack.must(storages({ data: one, logs: { ...one, count: 2 } }));
        const grown = { ...one, count: 2 };
        await stack.refused(storages({ data: grown, logs: one }), /count must leave volume/);
        const named = { ...one, overrides: { "0": { volumeId: "vol-0123456789abcdef0" } } };
        await stack.refused(
            storages({ data: grown, logs: { ...one, count: 2 }, other: named }),
            /overrides\.0\.volumeId must be a volume of this account/,
        );
        await stack.must(storages({ data: one, logs: { ...one, count: 2 } }));
    });

    it("change no storage that a refused one is alongside", async () => {
        const beside = { ...one, count: 2, alongside: "data" };
        await stack.must(storages({ data: { ...one, count: 2 }, beside }));
        assert.deepEqual(await stack.must(storages({ data: { ...one, count: 2 }, beside }), ["preview"]), []);
        await stack.refused(
            storages({ data: { ...one, count: 3 }, beside: { ...beside, count: 1 } }),
            /count must leave volume vol-\w+ of ordinal 1/,
        );
    });

    it("make no empty volume when a volume is to be replaced, and say what to do", async () => {
        const settings = storages({ data: { ...one, ...free } });
        await stack.must(settings);
        const message =
            /is on volume vol-\w+, and another one .* leave --replace out, or take the taint back/;
        await stack.refused(settings, message, ["--replace", urn]);
        await stack.sandbox.cli.run(["state", "taint", urn, "--yes"]);
        await stack.refused(settings, message);
        await stack.sandbox.cli.run(["state", "untaint", urn, "--yes"]);
        assert.deepEqual(await stack.must(settings), []);
    });

    it("make no empty volume when pulumi state move has given the volume to another stack", async () => {
        const settings = storages({ data: one });
        await stack.must(settings);
        const { cli } = stack.sandbox;
        await cli.run(["stack", "init", "other", "--no-select"]);
        const { code, stderr } = await cli.run(["state", "move", "--yes", "--dest", "other", urn]);
        assert.equal(code, 0, stderr);
        await stack.refused(
            settings,
            /overrides\.0\.lostVolumeId is missing: PersistentVolume data-0 is on volume vol-\w+, which the state doesn't have/,
        );
    });

    it("make no empty volume for a new ordinal with another one's moves", async () => {
        const moves = [{ zone: "eu-west-1c" }];
        await stack.must(storages({ data: one }));
        await stack.refused(
            storages({ data: { ...one, count: 2, overrides: { "1": { moves } } } }),
            /overrides\.1\.moves\.0\.snapshotId is missing: the state has no volume of ordinal 1 yet/,
        );
    });
});

describe("repeated moves from the newest snapshot with the Pulumi CLI", function () {
    this.timeout(180_000);

    const stack = new DiskStack();
    stack.useInSuite();

    const moved = (different: object = {}) => ({
        cluster,
        storages: {
            data: { ...one, ...free, overrides: { "0": { moves: [{ zone: "eu-west-1c", ...different }] } } },
        },
    });
    const settled = { cluster, storages: { data: { ...one, ...free } } };

    it("take the one that is the newest by then when the first attempt made no volume", async () => {
        await stack.must(settled);
        const id = (await stack.handles())["data-0"]!;
        await stack.snapshotOf(id);
        const { faulty } = stack.sandbox;
        faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), { matching: callsOf("CreateVolume") });
        assert.notEqual((await stack.run(moved())).code, 0);
        faulty.ec2.heal();
        const newest = await stack.snapshotOf(id);
        await stack.must(moved());
        assert.equal(await stack.sourceOf((await stack.handles())["data-0"]!), newest);
    });

    it("are rejected when the first attempt made a volume and there is a newer snapshot", async () => {
        await stack.must(settled);
        const id = (await stack.handles())["data-0"]!;
        const first = await stack.snapshotOf(id);
        const { faulty } = stack.sandbox;
        faulty.kubernetes.fail(kubernetesError(403, "Forbidden"), { matching: deletesPersistentVolume });
        assert.notEqual((await stack.run(moved())).code, 0);
        faulty.kubernetes.heal();
        const newest = await stack.snapshotOf(id);
        await stack.refused(
            moved(),
            new RegExp(
                `overrides\\.0\\.moves\\.0\\.snapshotId is missing: .* used snapshot ${first} .* made (vol-\\w+) from it at \\S+; the newest snapshot of ${id} is ${newest} of \\S+\\.`,
            ),
        );
        await stack.must(moved({ snapshotId: first }));
        assert.equal(await stack.sourceOf((await stack.handles())["data-0"]!), first);
        assert.deepEqual(await stack.must(moved({ snapshotId: first }), [...up, "--refresh"]), []);
    });
});
