import { CreateSnapshotCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { ec2Client } from "../../sandbox/ec2/instances";
import { standIn } from "../../sandbox/engine";
import { readStack } from "../../sandbox/engine/program";
import { StatefulSet } from "../../sandbox/statefulSet";
import type { ZoneMap } from "../../tools/map/model";
import { runCommand } from "../support/tools/run";
import { firstStart, project, startSandbox } from "../support/cluster/sandbox";

/** S2 on real API servers, as whoever runs `map` sees it. */
describe("map in the sandbox", function () {
    this.timeout(120_000);

    let directory: string;
    let environment: Record<string, string>;
    let state: string;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startSandbox(jenkinsOnKops);
        const { servers } = sandbox;
        ({ directory, end } = sandbox);
        environment = { ...servers.environment, PATH: "", HOME: directory };
        const example = join(project, "examples", "statefulset");
        const stack = await readStack(example, "dev");
        const main = join(project, "index.ts");
        const { errors, outputs, exportState } = await standIn(
            { ...stack, directory: project, main },
            servers,
        ).up(() => undefined);
        assert.deepEqual(errors, []);
        state = join(directory, "state.json");
        writeFileSync(state, await exportState());
        const set = new StatefulSet(servers, "web");
        await set.apply(join(example, "web.yaml"));
        await set.running(5);
        const { web } = outputs.storages as Record<string, { volumes: VolumeRecord[] }>;
        // The first disk of each zone is left without.
        for (const { volumeId } of web!.volumes.slice(2)) {
            await ec2Client(servers).send(new CreateSnapshotCommand({ VolumeId: volumeId }));
        }
    });
    after(() => end());

    const run = (...args: string[]) => runCommand("map", args, environment, directory);
    const map = async (...args: string[]) => {
        const { status, stdout, stderr } = await run("--state", state, "--json", ...args);
        assert.equal(status, 0, stderr);
        return JSON.parse(stdout) as ZoneMap;
    };

    it("has five disks in two zones, each pod on a node of its disk's zone, and the newest snapshots", async () => {
        const { zones, notices, clusters, stack } = await map();
        assert.deepEqual([stack, clusters, notices], ["dev", ["proyecto.k8s.local"], []]);
        assert.deepEqual(
            zones.map(({ name, nodes, disks }) => [name, nodes?.length, disks.map((disk) => disk.name)]),
            [
                ["eu-west-1b", 1, ["web-0", "web-2", "web-4"]],
                ["eu-west-1c", 2, ["web-1", "web-3"]],
            ],
        );
        zones.forEach(({ nodes, disks }) =>
            disks.forEach((disk, index) => {
                const ordinal = disk.name.slice(-1);
                assert.deepEqual(
                    [disk.status, disk.claim, disk.pods.map((pod) => pod.name)],
                    [
                        "Bound",
                        { name: `default/www-web-${ordinal}`, isThere: true },
                        [`default/web-${ordinal}`],
                    ],
                );
                assert.ok(nodes?.some(({ name }) => name === disk.pods[0]?.node));
                assert.deepEqual(
                    [disk.sizeGiB, disk.type, disk.isEncrypted, disk.deletionPolicy, disk.isProtected],
                    [1, "gp3", true, "Retain", true],
                );
                assert.match(disk.snapshot?.id ?? "none", index === 0 ? /^none$/ : /^snap-/);
            }),
        );
    });

    it("is written to the given file, and printed as a table", async () => {
        const { status, stdout, stderr } = await run("--state", state);
        assert.deepEqual([status, stderr], [0, ""]);
        assert.match(
            stdout,
            /^ZONE .*\neu-west-1b +1 +\? +3 +3 GiB +0 +0\neu-west-1c +2 +\? +2 +2 GiB +0 +0\n/,
        );
        assert.match(stdout, /\nthe map is in zone-map\.html and zone-map\.svg\n$/);
        assert.match(readFileSync(join(directory, "zone-map.html"), "utf8"), /<h1>dev<\/h1>/);
        assert.match(readFileSync(join(directory, "zone-map.svg"), "utf8"), /^<svg /);
    });

    it("lists the disks of a zone with their snapshots, and exits with an error when one has none", async () => {
        const folder = mkdtempSync(join(directory, "zone-"));
        const args = ["--state", state, "--zone", "eu-west-1b"];
        const { status, stdout, stderr } = await runCommand("map", args, environment, folder);
        assert.deepEqual([status, stderr], [1, ""]);
        assert.match(
            stdout,
            /^DISK .*\nweb-0 +vol-\w+ +default\/web-0 +no snapshot\n(web-[24] +vol-\w+ +default\/web-[24] +snap-\w+ +[-\d]+ [:\d]+ UTC\n){2}1 disk of 3 in eu-west-1b without a snapshot: web-0\n$/,
        );
        assert.deepEqual(readdirSync(folder), [], "nothing is written");
        const machines = await run(...args, "--json");
        const { withoutSnapshot } = JSON.parse(machines.stdout) as { withoutSnapshot: { name: string }[] };
        assert.deepEqual([machines.status, withoutSnapshot.map(({ name }) => name)], [1, ["web-0"]]);
        const blind = await runCommand(
            "map",
            args,
            { ...environment, AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" },
            directory,
        );
        assert.equal(blind.status, 2);
        assert.match(
            blind.stdout,
            /\ncould not read snapshots: which disks can be moved out of eu-west-1b is unknown\n$/,
        );
        const nowhere = await run("--state", state, "--zone", "eu-west-1z");
        assert.deepEqual(
            [nowhere.status, nowhere.stderr],
            [2, '--zone must be a zone with disks or nodes (eu-west-1b, eu-west-1c), got "eu-west-1z"\n'],
        );
    });

    it("is drawn without a cluster and without EC2, and fails without both when there is no state", async () => {
        const [kubeconfig, AWS_ENDPOINT_URL] = [join(directory, "none"), "http://127.0.0.1:1"];
        const own = environment;
        try {
            environment = { ...own, KUBECONFIG: kubeconfig, AWS_ENDPOINT_URL, AWS_MAX_ATTEMPTS: "1" };
            const { zones, sources, unseen } = await map();
            assert.deepEqual(
                zones.map(({ disks }) => disks.length),
                [3, 2],
            );
            assert.deepEqual([sources.cluster, sources.ec2, unseen.length], [false, false, 2]);
            const { status, stderr } = await run();
            assert.equal(status, 2);
            assert.match(
                stderr,
                /^a map needs the cluster or a stack's state, and could read neither:\n {2}- .*\n {2}- could not read a stack's state/,
            );
        } finally {
            environment = own;
        }
    });

    it("is printed as JSON, like the doctor's findings", async () => {
        const { status, stdout, stderr } = await runCommand("doctor", ["--json"], environment);
        assert.deepEqual([status, stderr], [2, ""]);
        assert.deepEqual(JSON.parse(stdout), {
            findings: [],
            notes: [],
            notLookedAt: ["the stack's state"],
            unseen: [
                "could not read a stack's state: there is no Pulumi CLI on the PATH, give --state <file>",
            ],
        });
        const all = await runCommand("doctor", ["--state", state], environment);
        assert.deepEqual(all, { status: 0, stdout: "no problems found\n", stderr: "" });
    });
});
