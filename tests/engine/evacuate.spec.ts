import { CreateSnapshotCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fillAccount } from "../../sandbox/accounts";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { failZone } from "../../sandbox/outage";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { cluster, MovableStack } from "../support/cluster/movableStack";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";

const [b, c] = ["eu-west-1b", "eu-west-1c"];

/** The promises of docs/evacuate.md, with the real engine. */
describe("disks that leave a zone, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let stack: MovableStack;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        stack = new MovableStack(servers, cli);
        await stack.start();
    });
    after(async () => {
        stack.stop();
        await end();
    });

    const journal = () => join(cli.project, ".zonal-persistent-storage");
    const run = (command: string, ...args: string[]) => stack.run(command, ...args);
    const disks = () => stack.disks();
    const zones = async () =>
        Object.fromEntries([...(await disks())].map(([name, { zone }]) => [name, zone]));
    const takeSnapshot = async (volumeId: string) => {
        const { Volumes = [] } = await stack.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: Volumes[0]?.Tags }];
        const { SnapshotId = "" } = await stack.ec2.send(
            new CreateSnapshotCommand({ VolumeId: volumeId, TagSpecifications }),
        );
        return SnapshotId;
    };

    it("are only shown by --dry-run", async () => {
        const before = await readFile(stack.settingsFile, "utf8");
        const setFinalizers = (...others: string[]) => {
            const body = [{ op: "add", path: "/metadata/finalizers", value: [pvcProtection, ...others] }];
            const claim = { namespace: "default", name: "www-web-1", body };
            return stack.core.patchNamespacedPersistentVolumeClaim(claim);
        };
        const pvcProtection = "kubernetes.io/pvc-protection";
        await setFinalizers("example.com/backup");
        const { status, stdout, stderr } = await run("evacuate", `--zone=${c}`, "--dry-run");
        await setFinalizers();
        assert.equal(status, 2, stdout + stderr);
        assert.match(stdout, /2 disks to move/);
        assert.match(stdout, /web-1 .*eu-west-1c .*eu-west-1b .*default\/web-1 .*a new one .*nothing/);
        assert.match(
            stdout,
            /warning: claim default\/www-web-1 should have no finalizer .*example\.com\/backup/,
        );
        assert.match(stderr, /nothing was done: --dry-run/);
        assert.equal(await readFile(stack.settingsFile, "utf8"), before);
        assert.ok(!existsSync(journal()));
        await stack.web.running(5);
    });

    it("leave with all data while the zone runs", async () => {
        const before = await disks();
        const { status, stdout, stderr } = await runOnStack(
            "evacuate",
            cli,
            servers,
            [`--zone=${c}`, "--yes"],
            { ownProcess: true },
        );
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /2 disks moved, and their pods run/);
        const after = await disks();
        ["web-1", "web-3"].forEach((name) => {
            assert.equal(after.get(name)?.zone, b);
            assert.deepEqual(after.get(name)?.keptVolumeIds, [before.get(name)?.volumeId]);
        });
        assert.equal(after.get("web-0")?.volumeId, before.get("web-0")?.volumeId);
        assert.deepEqual(new Set(Object.values(await stack.web.running(5))), new Set([b]));
        assert.ok(!existsSync(journal()));
        const text = await readFile(stack.settingsFile, "utf8");
        assert.match(text, /count: 5 # one for each pod/);
        const preview = await cli.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.code, 0, preview.stdout);
        const again = await run("evacuate", `--zone=${c}`, "--yes");
        assert.equal(again.status, 0, again.stdout + again.stderr);
        assert.match(again.stdout, /no disk is in eu-west-1c/);
    });

    it("go back by name, with the disks of their pods", async () => {
        const { status, stdout, stderr } = await run("move", "web-1", "web-3", `--to=${c}`, "--yes");
        assert.equal(status, 0, stdout + stderr);
        const now = await zones();
        assert.deepEqual([now["web-1"], now["web-3"], now["web-0"]], [c, c, b]);
    });

    it("get another key in the zone where they are", async () => {
        const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        const before = await disks();
        const { status, stdout, stderr } = await run("move", "web-2", `--kms-key=${key}`, "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /1 disk moved, and their pods run/);
        const after = await disks();
        assert.deepEqual(
            [after.get("web-2")?.zone, after.get("web-2")?.keptVolumeIds],
            [before.get("web-2")?.zone, [before.get("web-2")?.volumeId]],
        );
        const VolumeIds = [after.get("web-2")?.volumeId ?? ""];
        const { Volumes = [] } = await stack.ec2.send(new DescribeVolumesCommand({ VolumeIds }));
        assert.deepEqual([Volumes[0]?.Encrypted, Volumes[0]?.KmsKeyId], [true, key]);
        await stack.web.running(5);
        const again = await run("move", "web-2", "--encrypt", "--yes");
        assert.match(again.stdout + again.stderr, /left where it is: web-2: web-2 is encrypted already/);
        const wrong = await run("move", "web-2", "--kms-key=alias/mine", "--yes");
        assert.equal(wrong.status, 2);
        assert.match(wrong.stderr, /--kms-key must be the ARN of a KMS key, got "alias\/mine"/);
        const nowhere = await run("move", "web-2", "--yes");
        assert.match(nowhere.stderr, /move needs --to <zone>, --encrypt or --kms-key <arn>/);
    });

    it("leave a zone that has failed, but for those without a snapshot", async () => {
        const before = await disks();
        const taken = new Map<string, string>();
        for (const name of ["web-0", "web-2", "web-4"]) {
            taken.set(name, await takeSnapshot(before.get(name)!.volumeId));
        }
        await failZone(servers, b);
        const drill = await run("drill", `--zone=${b}`);
        assert.equal(drill.status, 1, drill.stdout + drill.stderr);
        const { status, stdout, stderr } = await run("evacuate", `--zone=${b}`, "--yes");
        assert.equal(status, 1, stdout + stderr);
        assert.match(stdout, /left where it is: peticion-0: no snapshot of peticion-0/);
        const after = await disks();
        for (const [name, snapshot] of taken) {
            assert.deepEqual([after.get(name)?.zone, after.get(name)?.snapshotId], [c, snapshot]);
        }
        assert.deepEqual(after.get("peticion-0"), before.get("peticion-0"));
        assert.deepEqual(new Set(Object.values(await stack.web.running(5))), new Set([c]));
        await fillAccount(servers, { cluster, instances: [{ cluster, role: "node", zone: b }] });
    });

    it("become even again with the fewest moves", async () => {
        const { status, stdout, stderr } = await run("rebalance", "--storage=web", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /2 disks moved/);
        const inB = Object.entries(await zones()).filter(([name, zone]) => /^web/.test(name) && zone === b);
        assert.equal(inB.length, 2);
    });

    it("get the data of a snapshot again", async () => {
        const before = (await disks()).get("web-2")!;
        const snapshot = await takeSnapshot(before.volumeId);
        const { status, stdout, stderr } = await run("restore", "web-2", `--at=${snapshot}`, "--yes");
        assert.equal(status, 0, stdout + stderr);
        const after = (await disks()).get("web-2")!;
        assert.deepEqual([after.zone, after.snapshotId], [before.zone, snapshot]);
        await stack.web.running(5);
    });
});
