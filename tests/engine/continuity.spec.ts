import { CreateVolumeCommand, DeleteVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error, kubernetesError } from "../../sandbox/faults";
import type { FaultyServers, Request } from "../../sandbox/faults";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { idInState, volumesInState } from "../support/cluster/ledger";
import { runRecover } from "../support/tools/onStack";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];

interface Exported {
    deployment: {
        resources: { urn: string; type: string; id?: string; outputs?: Record<string, unknown> }[];
    };
}

/** Mistakes in the state and the settings, and steps that are repeated: no disk is lost, exchanged or older than it was. */
describe("continuity of disks with the Pulumi CLI", function () {
    this.timeout(180_000);

    let faulty: FaultyServers;
    let cli: PulumiCli;
    let directory: string;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startCli(this, { sharesProcess: true });
        ({ faulty, cli, directory, end } = sandbox);
        ec2 = ec2Client(sandbox.servers);
        core = kubeConfig(sandbox.servers).makeApiClient(CoreV1Api);
    });
    after(() => end());
    afterEach(async () => {
        [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal());
        await cli.run(["state", "unprotect", "--all", "--yes"]);
        const { code, stderr } = await cli.run(["destroy", "--yes", "--skip-preview", "--refresh"]);
        assert.equal(code, 0, stderr);
    });

    /** A storage of two disks, and others beside it. */
    const storages = (different: object = {}, others: object = {}) => ({
        cluster,
        storages: { data: { count: 2, volume: { sizeGiB: 1 }, ...different }, ...others },
    });
    const run = (settings: Readonly<Record<string, unknown>>, command = up) =>
        runWith(cli, settings, command);
    const must = (settings: Readonly<Record<string, unknown>>, command = up) =>
        mustRun(cli, settings, command);
    /** Both the preview and an update without one say no, and nothing has changed. */
    const refused = async (
        settings: Readonly<Record<string, unknown>>,
        message: RegExp,
        flags: string[] = [],
    ) => {
        const before = await everything();
        for (const command of [["preview"], up]) {
            const { code, text } = await run(settings, [...command, ...flags]);
            assert.notEqual(code, 0, text);
            assert.match(text.replace(/\s+/g, " "), message);
            assert.deepEqual(await everything(), before);
        }
    };
    const volumes = async () => {
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ VolumeId = "" }) => VolumeId).sort();
    };
    const handles = async () => {
        const { items } = await core.listPersistentVolume();
        return Object.fromEntries(
            items.map(({ metadata, spec }) => [String(metadata?.name), String(spec?.csi?.volumeHandle)]),
        );
    };
    const everything = async () => [await volumes(), await handles()];
    const idOf = (name: string) => idInState(cli, name);
    /** Changes the state as `pulumi stack export` and `import` let everybody. */
    const edit = async (change: (state: Exported) => void) => {
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
    const calls =
        (action: string) =>
        ({ body }: Request) =>
            new RegExp(`Action=${action}\\b`).test(body);

    it("rejects an empty volume after a refresh in another account", async () => {
        const settings = (different: object = {}) =>
            storages({ zones: ["eu-west-1b", "eu-west-1c"], ...different });
        await must(settings());
        const lost = await idOf("data-0");
        faulty.ec2.fail(ec2Error(400, "InvalidVolume.NotFound"), { matching: calls("DescribeVolumes") });
        await cli.run(["refresh", "--yes", "--skip-preview"]);
        faulty.ec2.heal();
        assert.deepEqual(await volumesInState(cli), []);
        await refused(
            settings(),
            /overrides\.0\.lostVolumeId is missing: PersistentVolume data-0 is on volume vol-\w+, which the state doesn't have.*overrides\.1\.lostVolumeId is missing/,
        );
        const given = { "0": { lostVolumeId: lost } };
        await refused(settings({ overrides: given }), /args: - overrides\.1\.lostVolumeId is missing/);
    });

    it("creates an empty volume only when lostVolumeId names the former one", async () => {
        await must(storages());
        const lost = await idOf("data-1");
        await ec2.send(new DeleteVolumeCommand({ VolumeId: lost }));
        await refused(storages(), /overrides\.1\.lostVolumeId is missing/, ["--refresh"]);
        const overrides = { "1": { lostVolumeId: lost } };
        const steps = await must(storages({ overrides }), [...up, "--refresh"]);
        assert.ok(steps.includes("create Volume data-1"), String(steps));
        assert.ok(!steps.some((step) => /data-0/.test(step)), String(steps));
        assert.deepEqual(await must(storages({ overrides }), ["preview"]), []);
        assert.deepEqual(await must(storages(), ["preview"]), []);
    });

    it("rejects an empty volume when volumeId is removed from the settings", async () => {
        const { VolumeId = "" } = await ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 1 }),
        );
        await must(storages({ overrides: { "1": { volumeId: VolumeId } } }));
        await refused(
            storages(),
            new RegExp(`data-1 is on volume ${VolumeId}, which the state doesn't have`),
        );
    });

    it("rejects exchanged volumes of two ordinals", async () => {
        await must(storages());
        await edit((state) => {
            const [one, other] = [volumeIn(state, "data-0"), volumeIn(state, "data-1")];
            [one.id, other.id] = [other.id, one.id];
            [one.outputs, other.outputs] = [other.outputs, one.outputs];
        });
        await refused(storages(), /is the volume of ordinal 1 in the state: the volumes have been exchanged/);
    });

    it("rejects an imported volume of another cluster", async () => {
        await must(storages());
        const Tags = [{ Key: "KubernetesCluster", Value: "other.k8s.local" }];
        const { VolumeId = "" } = await ec2.send(
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
        await core.deletePersistentVolume({ name: "data-1" });
        await refused(
            storages(),
            /tag KubernetesCluster must be "proyecto\.k8s\.local", got "other\.k8s\.local"/,
            ["--refresh"],
        );
    });

    it("rejects a volume of another storage of the stack", async () => {
        const { VolumeId = "" } = await ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 1 }),
        );
        const named = (volumeId: string) => ({
            registry: { count: 1, volume: { sizeGiB: 1 }, overrides: { "0": { volumeId } } },
        });
        const both = storages({ overrides: { "0": { volumeId: VolumeId } } }, named(VolumeId));
        await refused(both, /overrides\.0\.volumeId must not be the volume of \S+-0 too/);
        await must(storages());
        const [owner] = [await idOf("data-0")];
        await refused(storages({}, named(owner)), /must not be the volume of PersistentVolume data-0 too/);
        const free = { protect: false, deletionPolicy: "Delete" };
        await must(storages(free));
        await refused(
            storages({ ...free, count: 1 }, named(await idOf("data-1"))),
            /must not be the volume of PersistentVolume data-1 too/,
        );
        await refused(
            storages({ ...free, overrides: { "0": { volumeId: owner } } }),
            /must not be a volume that the stack manages/,
        );
    });

    it("keeps all disks after a rejected smaller count", async () => {
        await must(storages());
        await refused(storages({ count: 1 }), /count must leave volume vol-\w+ of ordinal 1 in the storage/);
        await must(storages({ protect: false }));
        await must(storages({ count: 1, protect: false }));
    });

    it("keeps moved disks after a rejected shorter list of moves", async () => {
        await must(storages());
        const overrides = { "0": { moves: [{ zone: "eu-west-1c", from: "NewSnapshot" }] } };
        await must(storages({ overrides }));
        await refused(
            storages(),
            /overrides\.0 must leave volume vol-\w+ of ordinal 0 in the storage, it is protected/,
        );
    });

    it("takes a move's snapshot again when the first attempt created no volume", async () => {
        await must(storages());
        const overrides = { "0": { moves: [{ zone: "eu-west-1c", from: "NewSnapshot" }] } };
        faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), { matching: calls("CreateVolume") });
        const first = await run(storages({ overrides }));
        assert.notEqual(first.code, 0, first.text);
        faulty.ec2.heal();
        const steps = await must(storages({ overrides }));
        assert.ok(steps.includes("create-replacement Snapshot data-0-moved-1"), String(steps));
        assert.deepEqual(await must(storages({ overrides }), ["preview"]), []);
    });

    it("rejects the snapshot of an incomplete move unless it is named", async () => {
        await must(storages());
        const move = { zone: "eu-west-1c", from: "NewSnapshot" };
        faulty.kubernetes.fail(kubernetesError(403, "Forbidden"), {
            matching: ({ method, path }) => method === "DELETE" && path.includes("persistentvolumes"),
        });
        const first = await run(storages({ overrides: { "0": { moves: [move] } } }));
        assert.notEqual(first.code, 0, first.text);
        faulty.kubernetes.heal();
        const message =
            /overrides\.0\.moves\.0\.snapshotId is missing: .* has taken snapshot (snap-\w+) for this move, and made vol-\w+ from it at \S+; it is \S+ now/;
        const { text } = await run(storages({ overrides: { "0": { moves: [move] } } }), ["preview"]);
        await refused(storages({ overrides: { "0": { moves: [move] } } }), message);
        const snapshotId = message.exec(text.replace(/\s+/g, " "))?.[1];
        const named = { "0": { moves: [{ zone: "eu-west-1c", snapshotId }] } };
        const steps = await must(storages({ overrides: named }));
        assert.ok(steps.includes("replace PersistentVolume data-0"), String(steps));
        assert.deepEqual(await must(storages({ overrides: named }), ["preview"]), []);
    });

    it("stay on the volume that they were moved to, where only the cluster's answer was lost", async () => {
        await must(storages());
        const moved = (move: object) => storages({ overrides: { "0": { moves: [move] } } });
        const settings = moved({ zone: "eu-west-1c", from: "NewSnapshot" });
        faulty.kubernetes.fail("cut after", {
            times: 1,
            matching: ({ method, path }) => method === "POST" && path.includes("/persistentvolumes"),
        });
        assert.notEqual((await run(settings)).code, 0);
        const message =
            /If PersistentVolume data-0 is on (vol-\w+) by now .*, overrides\.0\.moves\.0\.snapshotId in the place of from must be "(snap-\w+)"/;
        await refused(settings, message);
        const { text } = await run(settings, ["preview"]);
        const [, target, snapshotId] = message.exec(text.replace(/\s+/g, " ")) ?? [];
        const volumeOf = async () =>
            (await core.readPersistentVolume({ name: "data-0" })).spec?.csi?.volumeHandle;
        assert.equal(await volumeOf(), target);

        const named = moved({ zone: "eu-west-1c", snapshotId });
        const there = await run(named);
        assert.match(there.text, /already exists/);
        assert.match(there.text, /npx zonal-persistent-storage recover takes over/);
        const { status, stdout, stderr } = await runRecover(cli, faulty.servers, ["--yes"]);
        assert.equal(status, 0, stdout + stderr);
        assert.equal(await volumeOf(), target);
        assert.deepEqual(await must(named, ["preview", "--refresh"]), []);
    });
});
