import { CreateVolumeCommand, DeleteVolumeCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ec2Error, kubernetesError } from "../../sandbox/faults";
import { callsOf, deletesPersistentVolume, DiskStack, up } from "../support/cli/diskStack";
import { idInState, volumesInState } from "../support/cluster/ledger";
import { runRecover } from "../support/tools/onStack";

const cluster = { name: "proyecto.k8s.local" };

interface Exported {
    deployment: {
        resources: { urn: string; type: string; id?: string; outputs?: Record<string, unknown> }[];
    };
}

/** Mistakes in the state and the settings, and steps that are repeated: no disk is lost, exchanged or older than it was. */
describe("continuity of disks with the Pulumi CLI", function () {
    this.timeout(180_000);

    const stack = new DiskStack();
    stack.useInSuite();

    /** A storage of two disks, and others beside it. */
    const storages = (different: object = {}, others: object = {}) => ({
        cluster,
        storages: { data: { count: 2, volume: { sizeGiB: 1 }, ...different }, ...others },
    });
    const idOf = (name: string) => idInState(stack.sandbox.cli, name);
    /** Changes the state as `pulumi stack export` and `import` let everybody. */
    const edit = async (change: (state: Exported) => void) => {
        const { cli, directory } = stack.sandbox;
        const state = JSON.parse((await cli.run(["stack", "export"])).stdout) as Exported;
        change(state);
        const file = join(directory, "edited.json");
        writeFileSync(file, JSON.stringify(state));
        const { code, stderr } = await cli.run(["stack", "import", "--file", file]);
        assert.equal(code, 0, stderr);
    };
    const volumeIn = ({ deployment }: Exported, name: string) => {
        const found = deployment.resources.find(
            ({ type, urn }) => type === "aws:ebs/volume:Volume" && urn.endsWith(`::${name}`),
        );
        assert.ok(found, name);
        return found;
    };
    it("rejects an empty volume after a refresh in another account", async () => {
        const settings = (different: object = {}) =>
            storages({ zones: ["eu-west-1b", "eu-west-1c"], ...different });
        await stack.must(settings());
        const lost = await idOf("data-0");
        stack.sandbox.faulty.ec2.fail(ec2Error(400, "InvalidVolume.NotFound"), {
            matching: callsOf("DescribeVolumes"),
        });
        await stack.sandbox.cli.run(["refresh", "--yes", "--skip-preview"]);
        stack.sandbox.faulty.ec2.heal();
        assert.deepEqual(await volumesInState(stack.sandbox.cli), []);
        await stack.refused(
            settings(),
            /overrides\.0\.lostVolumeId is missing: PersistentVolume data-0 is on volume vol-\w+, which the state doesn't have.*overrides\.1\.lostVolumeId is missing/,
        );
        const given = { "0": { lostVolumeId: lost } };
        await stack.refused(settings({ overrides: given }), /args: - overrides\.1\.lostVolumeId is missing/);
    });

    it("creates an empty volume only when lostVolumeId names the former one", async () => {
        await stack.must(storages());
        const lost = await idOf("data-1");
        await stack.ec2.send(new DeleteVolumeCommand({ VolumeId: lost }));
        await stack.refused(storages(), /overrides\.1\.lostVolumeId is missing/, ["--refresh"]);
        const overrides = { "1": { lostVolumeId: lost } };
        const steps = await stack.must(storages({ overrides }), [...up, "--refresh"]);
        assert.ok(steps.includes("create Volume data-1"), String(steps));
        assert.ok(!steps.some((step) => /data-0/.test(step)), String(steps));
        assert.deepEqual(await stack.must(storages({ overrides }), ["preview"]), []);
        assert.deepEqual(await stack.must(storages(), ["preview"]), []);
    });

    it("rejects an empty volume when volumeId is removed from the settings", async () => {
        const { VolumeId = "" } = await stack.ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 1 }),
        );
        await stack.must(storages({ overrides: { "1": { volumeId: VolumeId } } }));
        await stack.refused(
            storages(),
            new RegExp(`data-1 is on volume ${VolumeId}, which the state doesn't have`),
        );
    });

    it("rejects exchanged volumes of two ordinals", async () => {
        await stack.must(storages());
        await edit((state) => {
            const [one, other] = [volumeIn(state, "data-0"), volumeIn(state, "data-1")];
            [one.id, other.id] = [other.id, one.id];
            [one.outputs, other.outputs] = [other.outputs, one.outputs];
        });
        await stack.refused(
            storages(),
            /is the volume of ordinal 1 in the state: the volumes have been exchanged/,
        );
    });

    it("rejects an imported volume of another cluster", async () => {
        await stack.must(storages());
        const Tags = [{ Key: "KubernetesCluster", Value: "other.k8s.local" }];
        const { VolumeId = "" } = await stack.ec2.send(
            new CreateVolumeCommand({
                AvailabilityZone: "eu-west-1b",
                Size: 1,
                TagSpecifications: [{ ResourceType: "volume", Tags }],
            }),
        );
        await edit((state) => {
            const volume = volumeIn(state, "data-1");
            volume.id = VolumeId;
            const inOutputs = volume.outputs?.["id"] === undefined ? {} : { id: VolumeId };
            volume.outputs = {
                ...volume.outputs,
                ...inOutputs,
                arn: `arn:aws:ec2:eu-west-1:123456789012:volume/${VolumeId}`,
            };
            state.deployment.resources = state.deployment.resources.filter(
                ({ type, urn }) => !(type.endsWith(":PersistentVolume") && urn.endsWith("::data-1")),
            );
        });
        await stack.core.deletePersistentVolume({ name: "data-1" });
        await stack.refused(
            storages(),
            /tag KubernetesCluster must be "proyecto\.k8s\.local", got "other\.k8s\.local"/,
            ["--refresh"],
        );
    });

    it("rejects a volume of another storage of the stack", async () => {
        const { VolumeId = "" } = await stack.ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 1 }),
        );
        const named = (volumeId: string) => ({
            registry: { count: 1, volume: { sizeGiB: 1 }, overrides: { "0": { volumeId } } },
        });
        const both = storages({ overrides: { "0": { volumeId: VolumeId } } }, named(VolumeId));
        await stack.refused(both, /overrides\.0\.volumeId must not be the volume of \S+-0 too/);
        await stack.must(storages());
        const [owner] = [await idOf("data-0")];
        await stack.refused(
            storages({}, named(owner)),
            /must not be the volume of PersistentVolume data-0 too/,
        );
        const free = { protect: false, deletionPolicy: "Delete" };
        await stack.must(storages(free));
        await stack.refused(
            storages({ ...free, count: 1 }, named(await idOf("data-1"))),
            /must not be the volume of PersistentVolume data-1 too/,
        );
        await stack.refused(
            storages({ ...free, overrides: { "0": { volumeId: owner } } }),
            /must not be a volume that the stack manages/,
        );
    });

    it("keeps all disks after a rejected smaller count", async () => {
        await stack.must(storages());
        await stack.refused(
            storages({ count: 1 }),
            /count must leave volume vol-\w+ of ordinal 1 in the storage/,
        );
        await stack.must(storages({ protect: false }));
        await stack.must(storages({ count: 1, protect: false }));
    });

    it("keeps moved disks after a rejected shorter list of moves", async () => {
        await stack.must(storages());
        const overrides = { "0": { moves: [{ zone: "eu-west-1c", from: "NewSnapshot" }] } };
        await stack.must(storages({ overrides }));
        await stack.refused(
            storages(),
            /overrides\.0 must leave volume vol-\w+ of ordinal 0 in the storage, it is protected/,
        );
    });

    it("takes a move's snapshot again when the first attempt created no volume", async () => {
        await stack.must(storages());
        const overrides = { "0": { moves: [{ zone: "eu-west-1c", from: "NewSnapshot" }] } };
        stack.sandbox.faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), {
            matching: callsOf("CreateVolume"),
        });
        const first = await stack.run(storages({ overrides }));
        assert.notEqual(first.code, 0, first.text);
        stack.sandbox.faulty.ec2.heal();
        const steps = await stack.must(storages({ overrides }));
        assert.ok(steps.includes("create-replacement Snapshot data-0-moved-1"), String(steps));
        assert.deepEqual(await stack.must(storages({ overrides }), ["preview"]), []);
    });

    it("rejects the snapshot of an incomplete move unless it is named", async () => {
        await stack.must(storages());
        const move = { zone: "eu-west-1c", from: "NewSnapshot" };
        stack.sandbox.faulty.kubernetes.fail(kubernetesError(403, "Forbidden"), {
            matching: deletesPersistentVolume,
        });
        const first = await stack.run(storages({ overrides: { "0": { moves: [move] } } }));
        assert.notEqual(first.code, 0, first.text);
        stack.sandbox.faulty.kubernetes.heal();
        const message =
            /overrides\.0\.moves\.0\.snapshotId is missing: .* has taken snapshot (snap-\w+) for this move, and made vol-\w+ from it at \S+; it is \S+ now/;
        const { text } = await stack.run(storages({ overrides: { "0": { moves: [move] } } }), ["preview"]);
        await stack.refused(storages({ overrides: { "0": { moves: [move] } } }), message);
        const snapshotId = message.exec(text.replace(/\s+/g, " "))?.[1];
        const named = { "0": { moves: [{ zone: "eu-west-1c", snapshotId }] } };
        const steps = await stack.must(storages({ overrides: named }));
        assert.ok(steps.includes("replace PersistentVolume data-0"), String(steps));
        assert.deepEqual(await stack.must(storages({ overrides: named }), ["preview"]), []);
    });

    it("stay on the volume that they were moved to, where only the cluster's answer was lost", async () => {
        await stack.must(storages());
        const moved = (move: object) => storages({ overrides: { "0": { moves: [move] } } });
        const settings = moved({ zone: "eu-west-1c", from: "NewSnapshot" });
        stack.sandbox.faulty.kubernetes.fail("cut after", {
            times: 1,
            matching: ({ method, path }) => method === "POST" && path.includes("/persistentvolumes"),
        });
        assert.notEqual((await stack.run(settings)).code, 0);
        const message =
            /If PersistentVolume data-0 is on (vol-\w+) by now .*, overrides\.0\.moves\.0\.snapshotId in the place of from must be "(snap-\w+)"/;
        await stack.refused(settings, message);
        const { text } = await stack.run(settings, ["preview"]);
        const [, target, snapshotId] = message.exec(text.replace(/\s+/g, " ")) ?? [];
        const volumeOf = async () =>
            (await stack.core.readPersistentVolume({ name: "data-0" })).spec?.csi?.volumeHandle;
        assert.equal(await volumeOf(), target);

        const named = moved({ zone: "eu-west-1c", snapshotId });
        const there = await stack.run(named);
        assert.match(there.text, /already exists/);
        assert.match(there.text, /npx zonal-persistent-storage recover takes over/);
        const { cli, faulty } = stack.sandbox;
        const { status, stdout, stderr } = await runRecover(cli, faulty.servers, ["--yes"]);
        assert.equal(status, 0, stdout + stderr);
        assert.equal(await volumeOf(), target);
        assert.deepEqual(await stack.must(named, ["preview", "--refresh"]), []);
    });
});
