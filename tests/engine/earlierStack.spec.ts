import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateSnapshotCommand, CreateVolumeCommand } from "@aws-sdk/client-ec2";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { firstStart, project } from "../support/cluster/sandbox";

const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";

/** `pulumi stack export` of a stack that commit 2456cb4 made with these settings; see CONTRIBUTING.md. */
const recorded = join(project, "tests", "fixtures", "earlierStack.json");

/** Ids of what isn't the stack's own, in place of which the recorded state has `<snapshot>` and `<volume>`. */
interface Others {
    readonly snapshot: string;
    readonly volume: string;
}

/** Something of every kind of resource, and of every way to place and name them. */
const settings = ({ snapshot, volume }: Others) => ({
    cluster: { name: "proyecto.k8s.local" },
    storages: {
        plain: { count: 2, volume: { sizeGiB: 10 } },
        claimed: {
            count: 2,
            start: 1,
            volume: { sizeGiB: 2048, type: "io2", iops: 1000, tags: { team: "storage" } },
            protect: false,
            deletionPolicy: "Snapshot",
            claims: { names: ["a", "b"], create: true },
            storageClass: { name: "fast" },
        },
        reserved: {
            count: 3,
            placement: "ByNodeCount",
            volume: { sizeGiB: 10, type: "gp3", iops: 4000, throughputMiBps: 250 },
            overrides: {
                "1": { type: "gp2", zone: "eu-west-1c", tags: { Name: "special" } },
                "2": { volumeId: volume },
            },
            backup: { roleArn, keep: 3, copies: [{ region: "eu-central-1", keepDays: 30 }] },
            persistentVolume: { labels: { tier: "data" }, fsType: "xfs", mountOptions: ["noatime"] },
            claims: { statefulSet: "db", template: "data", namespace: "shop" },
            dynamicStorageClass: { name: "more" },
        },
        beside: {
            alongside: "plain",
            aliases: ["before"],
            count: 2,
            volume: { sizeGiB: 10, snapshotId: snapshot },
            deletionPolicy: "Delete",
            persistentVolume: { namePrefix: "logs", ordinalDigits: 2, volumeMode: "Block" },
            storageClass: { name: "plain", create: false },
            overrides: {
                "0": { moves: [{ zone: "eu-west-1c", snapshotId: snapshot }] },
                "1": { moves: [{ zone: "eu-west-1b", snapshotId: snapshot, previous: "Release" }] },
            },
        },
    },
});

describe("a stack of an earlier version, with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let directory: string;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, directory, end } = await startCli(this, { sharesProcess: true }));
    });
    after(() => end());

    const others = async (): Promise<Others> => {
        const ec2 = ec2Client(servers);
        const volume = { AvailabilityZone: "eu-west-1b", Size: 10, Encrypted: true };
        const VolumeId = String((await ec2.send(new CreateVolumeCommand(volume))).VolumeId);
        const snapshot = String((await ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId);
        return { snapshot, volume: VolumeId };
    };

    /** Writes the fixture anew, from the code that this runs in. */
    const record = async (those: Others) => {
        await mustRun(cli, settings(those), ["up", "--yes", "--skip-preview"]);
        const exported = (await cli.run(["stack", "export"])).stdout
            .replaceAll(those.snapshot, "<snapshot>")
            .replaceAll(those.volume, "<volume>");
        const state = JSON.parse(exported) as { deployment: { resources: Record<string, unknown>[] } };
        state.deployment.resources.forEach((resource) => {
            // They say where the program was on the machine.
            delete resource["sourcePosition"];
            delete resource["stackTrace"];
        });
        await writeFile(recorded, `${JSON.stringify(state)}\n`);
    };

    it("has nothing to change in a preview, but for what the CHANGELOG says", async () => {
        const those = await others();
        if (process.env["RECORD_STACK"] !== undefined) {
            await record(those);
        }
        const state = await readFile(recorded, "utf8");
        const file = join(directory, "earlier.json");
        await writeFile(
            file,
            state.replaceAll("<snapshot>", those.snapshot).replaceAll("<volume>", those.volume),
        );
        const imported = await cli.run(["stack", "import", "--file", file]);
        assert.equal(imported.code, 0, imported.stderr);
        const { code, text, steps, changes } = await runWith(cli, settings(those), ["preview", "--diff"]);
        assert.equal(code, 0, text);
        // CHANGELOG: the class of dynamicStorageClass has the volume's iops and throughput.
        const replaced = ["create-replacement", "delete-replaced", "replace"];
        assert.deepEqual(
            steps,
            replaced.map((step) => `${step} StorageClass reserved-dynamic`),
            text,
        );
        assert.deepEqual(changes, { read: 1, replace: 1, same: 29 });
    });
});
