import {
    DeleteLifecyclePolicyCommand,
    GetLifecyclePolicyCommand,
    UpdateLifecyclePolicyCommand,
} from "@aws-sdk/client-dlm";
import {
    CreateSnapshotCommand,
    CreateVolumeCommand,
    DeleteVolumeCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { volumeTags } from "../../components/plan/tags";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import { dlmClient } from "../../sandbox/ec2/lifecycle";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runDoctorOn } from "../support/tools/doctor";
import { runWith, startCli } from "../support/cli/cli";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const data = { count: 3, volume: { sizeGiB: 10 }, protect: false };
const up = ["up", "--yes", "--skip-preview"];

/** A resource in an exported state. */
interface Resource {
    readonly urn: string;
    readonly dependencies?: readonly string[];
    readonly propertyDependencies?: object;
}

/** The doctor's findings with the state of a real stack, whose commands solve them. */
describe("doctor with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let directory: string;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, directory, end } = await startCli(this, { sharesProcess: true }));
        ec2 = ec2Client(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());

    const pulumi = (command: string[], different: object = {}) =>
        runWith(cli, { cluster, storages: { data: { ...data, ...different } } }, command);
    /** As after `cd` to the stack's folder. */
    const doctor = (...args: string[]) => {
        const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...environment } = servers.environment;
        return runDoctorOn(cli, { environment }, args);
    };
    /** The words of a printed command, with what asks for no answer before the operands. */
    const importOf = (command: string) => {
        const [verb = "", ...words] = command.split(" ");
        return [verb, "--yes", "--skip-preview", ...words];
    };
    const healthy = { status: 0, stdout: "no problems found\n", stderr: "" };
    const idOf = async (name: string) =>
        (await core.readPersistentVolume({ name })).spec?.csi?.volumeHandle ?? "";

    it("reads the selected stack and its region", async () => {
        await pulumi(up);
        assert.deepEqual(await doctor(), healthy);
        assert.deepEqual(await doctor("--stack", "test"), healthy);
        const { status, stderr } = await doctor("--stack", "nowhere");
        assert.equal(status, 2);
        assert.match(stderr, /^pulumi says "no stack named 'nowhere' found", give --stack/);
    });

    const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";
    const backup = { roleArn, intervalHours: 6 };
    const policyId = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as { data: { backupPolicyId: string } }).data.backupPolicyId;
    };
    /** Runs the printed commands of the CLI, with what asks for no answer. */
    const mend = async (printed: string) => {
        for (const [, command = ""] of printed.matchAll(/^ {4}pulumi (.*)$/gm)) {
            const words = [...command.split(" "), "--yes", "--skip-preview"];
            const { code, text } = await pulumi(words, { backup });
            assert.equal(code, 0, text);
        }
    };

    it("prints commands that make a deleted backup policy again", async () => {
        const { code, text } = await pulumi(up, { backup });
        assert.equal(code, 0, text);
        const PolicyId = await policyId();
        await dlmClient(servers).send(new DeleteLifecyclePolicyCommand({ PolicyId }));
        const { stdout } = await doctor();
        assert.equal(
            stdout,
            `backup policy ${PolicyId} of storage data isn't there any more: nothing takes snapshots of PersistentVolume data-0, data-1, data-2\n    pulumi refresh\n    pulumi up\n1 problem\n`,
        );
        await mend(stdout);
        assert.notEqual(await policyId(), PolicyId);
        assert.deepEqual(await doctor(), healthy);
    });

    it("prints a command that gives a backup policy back the tags that it looks for", async () => {
        const PolicyId = await policyId();
        const client = dlmClient(servers);
        const { Policy } = await client.send(new GetLifecyclePolicyCommand({ PolicyId }));
        const PolicyDetails = { ...Policy?.PolicyDetails, TargetTags: [{ Key: "team", Value: "a" }] };
        await client.send(new UpdateLifecyclePolicyCommand({ PolicyId, PolicyDetails }));
        const { stdout } = await doctor();
        assert.equal(
            stdout,
            `backup policy ${PolicyId} of storage data doesn't find PersistentVolume data-0, data-1, data-2: their tags aren't those that it looks for\n    pulumi up --refresh\n1 problem\n`,
        );
        await mend(stdout);
        assert.deepEqual(await doctor(), healthy);
        await pulumi(up);
    });

    it("prints commands that take back retained volumes", async () => {
        const id = await idOf("data-2");
        await pulumi(up, { count: 2 });
        const { status, stdout, stderr } = await doctor();
        assert.deepEqual([status, stderr], [1, ""]);
        assert.match(stdout, new RegExp(`^volume ${id} .* neither the state of stack test nor`));
        const overrides = { "2": { volumeId: id } };
        assert.match(stdout, new RegExp(`set overrides\\.2\\.volumeId of storage data to ${id}`));
        await pulumi(up, { overrides });
        assert.deepEqual(await doctor(), healthy);

        const [, command] = /^ {4}pulumi (import .*)$/m.exec(stdout) ?? [];
        const imported = await pulumi(importOf(command!), { overrides });
        assert.equal(imported.code, 0, imported.text);
        assert.deepEqual(await doctor(), healthy);
        const back = await pulumi(up);
        assert.deepEqual([back.changes.replace, await idOf("data-2")], [undefined, id], back.text);
        assert.deepEqual(await doctor(), healthy);
    });

    it("prints commands that restore a deleted PersistentVolume", async () => {
        const id = await idOf("data-1");
        await core.deletePersistentVolume({ name: "data-1" });
        const { stdout } = await doctor();
        assert.equal(
            stdout,
            `volume ${id} (data-1 in the state) has no PersistentVolume in the cluster of context ${kubeConfig(servers).getCurrentContext()}\n    pulumi refresh\n    pulumi up\n1 problem\n`,
        );
        await pulumi(["refresh", "--yes", "--skip-preview"]);
        await pulumi(up);
        assert.equal(await idOf("data-1"), id);
        assert.deepEqual(await doctor(), healthy);
    });

    it("prints commands that move a PersistentVolume to its volume's zone", async () => {
        const id = await idOf("data-1");
        const { metadata, spec } = await core.readPersistentVolume({ name: "data-1" });
        const [zone, other] = ["eu-west-1c", "eu-west-1b"];
        await core.deletePersistentVolume({ name: "data-1" });
        const term = { key: "topology.kubernetes.io/zone", operator: "In", values: [other] };
        const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [term] }] } };
        await core.createPersistentVolume({
            body: { metadata: { name: "data-1", labels: metadata?.labels }, spec: { ...spec, nodeAffinity } },
        });
        const { stdout } = await doctor();
        assert.match(
            stdout,
            /^PersistentVolume data-1 is for nodes in eu-west-1b, but its volume .* in eu-west-1c/,
        );
        assert.match(
            stdout,
            /\n {4}kubectl delete pv\/data-1\n.*\n {4}pulumi refresh\n {4}pulumi up\n1 problem/,
        );
        await core.deletePersistentVolume({ name: "data-1" });
        await pulumi(["refresh", "--yes", "--skip-preview"]);
        await pulumi(up);
        const made = (await core.readPersistentVolume({ name: "data-1" })).spec;
        assert.equal(made?.csi?.volumeHandle, id);
        assert.match(JSON.stringify(made.nodeAffinity), new RegExp(zone));
        assert.deepEqual(await doctor(), healthy);
    });

    it("reports leftovers of a killed update", async () => {
        const Tags = Object.entries(volumeTags(cluster.name, "data-1")).map(([Key, Value]) => ({
            Key,
            Value,
        }));
        const { VolumeId } = await ec2.send(
            new CreateVolumeCommand({
                AvailabilityZone: "eu-west-1c",
                Size: 10,
                TagSpecifications: [{ ResourceType: "volume", Tags }],
            }),
        );
        const { stdout } = await doctor();
        assert.match(
            stdout,
            /data-1 has volume vol-\w+, so a move keeps this one .* or deletionPolicy Retain kept it/,
        );
        assert.match(
            stdout,
            new RegExp(
                `aws ec2 delete-volume --volume-id=${VolumeId} --region=eu-west-1\n1 volume that nothing uses costs money: 10 GiB in all\n.*, made for data-1\n1 problem`,
            ),
        );
        await ec2.send(new DeleteVolumeCommand({ VolumeId }));
        assert.deepEqual(await doctor(), healthy);
    });

    it("prints commands that restore a missing volume, protected or not", async () => {
        await pulumi(up, { protect: true });
        const id = await idOf("data-0");
        const snapshot = await ec2.send(new CreateSnapshotCommand({ VolumeId: id }));
        await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
        const { stdout } = await doctor();
        assert.equal(
            stdout,
            `volume ${id} (PersistentVolume data-0, data-0 in the state) isn't in EC2 in eu-west-1: a pulumi up after a refresh would make an EMPTY one in its place
    aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=${id} --region=eu-west-1
    restore first: set overrides.0.snapshotId of storage data to its last snapshot, overrides.0.lostVolumeId to ${id}, and only then
    pulumi refresh
    pulumi up
1 problem
`,
        );
        const { Snapshots = [] } = await ec2.send(
            new DescribeSnapshotsCommand({
                OwnerIds: ["self"],
                Filters: [{ Name: "volume-id", Values: [id] }],
            }),
        );
        assert.deepEqual(
            Snapshots.map(({ SnapshotId }) => SnapshotId),
            [snapshot.SnapshotId],
        );
        const overrides = { "0": { snapshotId: snapshot.SnapshotId, lostVolumeId: id } };
        await pulumi(["refresh", "--yes", "--skip-preview"], { overrides, protect: true });
        const forgotten = await doctor();
        assert.match(
            forgotten.stdout,
            new RegExp(
                `^the state of stack test has lost volume ${id} \\(PersistentVolume data-0\\), and EC2 in eu-west-1 doesn't have it`,
            ),
        );
        assert.match(
            forgotten.stdout,
            /restore first: set overrides\.0\.snapshotId .*\n {4}pulumi up\n.*\n1 problem\n$/,
        );
        const { code, text } = await pulumi(up, { overrides, protect: true });
        assert.equal(code, 0, text);
        const VolumeIds = [await idOf("data-0")];
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds }));
        assert.equal(Volumes[0]?.SnapshotId, snapshot.SnapshotId);
        assert.deepEqual(await doctor(), healthy);
    });

    it("gives commands that give the state back a volume that it has lost, and tells it from one that an override names", async () => {
        await pulumi(up);
        const id = await idOf("data-1");
        const { stdout: exported } = await cli.run(["stack", "export"]);
        const { deployment, ...rest } = JSON.parse(exported) as { deployment: { resources: Resource[] } };
        const isLost = (urn: string) => urn.endsWith("$aws:ebs/volume:Volume::data-1");
        const resources = deployment.resources
            .filter(({ urn }) => !isLost(urn))
            .map(({ propertyDependencies: _, dependencies = [], ...resource }) => ({
                ...resource,
                dependencies: dependencies.filter((urn) => !isLost(urn)),
            }));
        const file = join(directory, "without-data-1.json");
        writeFileSync(file, JSON.stringify({ ...rest, deployment: { ...deployment, resources } }));
        assert.equal((await cli.run(["stack", "import", "--file", file])).code, 0);

        const { stdout } = await doctor();
        assert.match(
            stdout,
            new RegExp(
                `^the state of stack test has lost volume ${id} \\(PersistentVolume data-1\\), which is in EC2: .* EMPTY`,
            ),
        );
        assert.match(stdout, /\n1 problem\n$/);
        const overrides = { "1": { volumeId: id } };
        await pulumi(up, { overrides });
        assert.deepEqual(await doctor(), healthy);

        await cli.run(["stack", "import", "--file", file]);
        const [, command] = /^ {4}pulumi (import .*)$/m.exec(stdout) ?? [];
        const imported = await pulumi(importOf(command!));
        assert.equal(imported.code, 0, imported.text);
        const back = await pulumi(up);
        assert.deepEqual(
            [back.code, back.changes.create, back.changes.replace, await idOf("data-1")],
            [0, undefined, undefined, id],
            back.text,
        );
        assert.deepEqual(await doctor(), healthy);
    });

    it("notes a kept volume with the setting that releases it", async () => {
        await pulumi(up);
        const id = await idOf("data-2");
        await ec2.send(new CreateSnapshotCommand({ VolumeId: id }));
        const moves = (previous: object) => ({
            overrides: { "2": { moves: [{ zone: "eu-west-1c", ...previous }] } },
        });
        const { code, text } = await pulumi(up, moves({}));
        assert.equal(code, 0, text);
        assert.deepEqual(await doctor(), {
            status: 0,
            stdout: [
                `volume ${id} (data-2 in the state) is kept since its disk was moved to ${await idOf("data-2")}`,
                "    to let go of it: previous: Release in overrides.2.moves.0 of storage data",
                "1 volume that nothing uses costs money: 10 GiB in all",
                `    ${id}: 10 GiB, 0 days old, kept since data-2 was moved`,
                "no problems found\n",
            ].join("\n"),
            stderr: "",
        });

        const released = await pulumi(up, moves({ previous: "Release" }));
        assert.equal(released.code, 0, released.text);
        assert.match((await doctor()).stdout, new RegExp(`^volume ${id} .* its disk was moved`));
    });
});
