import { DescribeVolumesCommand, ModifyVolumeCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, ModifyVolumeCommandInput } from "@aws-sdk/client-ec2";
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import type { MoveArgs } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { runWith, startCli } from "../support/cli/cli";
import { idInState } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const data = {
    count: 2,
    volume: { sizeGiB: 10 },
    claims: { names: ["a", "b"], create: true },
    managedByCluster: ["size", "type", "iops", "throughput"],
};
const up = ["up", "--yes", "--skip-preview"];
const upWithRefresh = [...up, "--refresh"];
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** The section of docs/volumes.md on the cluster's own changes, with the real engine. */
describe("disks that the cluster changes, with the Pulumi CLI", function () {
    this.timeout(120_000);

    let cli: PulumiCli;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startCli(this, { sharesProcess: true });
        ({ cli, end } = sandbox);
        ec2 = ec2Client(sandbox.servers);
        core = kubeConfig(sandbox.servers).makeApiClient(CoreV1Api);
        assert.equal((await pulumi(up)).code, 0);
    });
    after(() => end());

    const pulumi = (command: string[], different: object = {}) =>
        runWith(cli, { cluster, storages: { data: { ...data, ...different } } }, command);
    const modify = async (disk: string, change: Omit<ModifyVolumeCommandInput, "VolumeId">) =>
        ec2.send(new ModifyVolumeCommand({ VolumeId: await idInState(cli, disk), ...change }));
    const inEc2 = async (disk: string) => {
        const command = new DescribeVolumesCommand({ VolumeIds: [await idInState(cli, disk)] });
        const { Volumes: [volume] = [] } = await ec2.send(command);
        return [volume?.Size, volume?.VolumeType, volume?.Iops];
    };
    /** As an autoscaler of claims and the driver's resizer do it. */
    const grow = async (disk: string, claim: string, sizeGiB: number) => {
        const storage = `${sizeGiB}Gi`;
        const request = { spec: { resources: { requests: { storage } } } };
        const autoscaler = { namespace: "default", fieldManager: "pvc-autoscaler" };
        await core.patchNamespacedPersistentVolumeClaim(
            { name: claim, body: request, ...autoscaler },
            mergePatch,
        );
        await modify(disk, { Size: sizeGiB });
        const capacity = { spec: { capacity: { storage } } };
        await core.patchPersistentVolume(
            { name: disk, body: capacity, fieldManager: "csi-resizer" },
            mergePatch,
        );
    };
    const requested = async (name: string) => {
        const { spec, status } = await core.readNamespacedPersistentVolumeClaim({
            name,
            namespace: "default",
        });
        return [spec?.resources?.requests?.["storage"], status?.phase];
    };

    it("keep the size that a claim has asked for, where another storage would ask for a shrink", async () => {
        await grow("data-0", "a", 20);
        assert.deepEqual((await pulumi(["preview"])).steps, []);
        const refused = await pulumi(["preview", "--refresh"], { managedByCluster: [] });
        assert.match(refused.text, /size of volume data-0 can't shrink from 20 to 10 GiB/);
        const { code, steps, text } = await pulumi(upWithRefresh);
        assert.deepEqual([code, steps], [0, []], text);
        assert.doesNotMatch(text, /warning/);
        assert.deepEqual(await requested("a"), ["20Gi", "Bound"]);
    });

    it("keep the type, IOPS and throughput of a VolumeAttributesClass", async () => {
        await modify("data-1", { VolumeType: "io2", Iops: 4000 });
        const { code, steps, text } = await pulumi(upWithRefresh);
        assert.deepEqual([code, steps], [0, []], text);
        assert.deepEqual(await inEc2("data-1"), [10, "io2", 4000]);
    });

    it("keep both while other settings change, also those that the state doesn't know yet", async () => {
        await grow("data-1", "b", 30);
        const changed = { persistentVolume: { labels: { tier: "fast" } }, volume: { sizeGiB: 15 } };
        const { code, steps, text } = await pulumi(up, changed);
        assert.deepEqual(
            [code, steps],
            [0, [0, 1].map((ordinal) => `update PersistentVolume data-${ordinal}`)],
            text,
        );
        assert.deepEqual(await inEc2("data-1"), [30, "io2", 4000]);
        assert.deepEqual(await requested("b"), ["30Gi", "Bound"]);
    });

    it("keep both after an update of the volume itself, without a refresh", async () => {
        await modify("data-0", { Size: 25 });
        const tagged = (tier: string) => ({ volume: { sizeGiB: 15, tags: { tier } } });
        for (const tier of ["fast", "faster"]) {
            const { code, text } = await pulumi(up, tagged(tier));
            assert.equal(code, 0, text);
            assert.deepEqual((await pulumi(["preview"], tagged(tier))).steps, []);
            assert.deepEqual(await inEc2("data-0"), [25, "gp3", 3000]);
        }
    });

    const moves: MoveArgs[] = [{ from: "NewSnapshot", zone: "eu-west-1a" }];
    const three = { count: 3, claims: { names: ["a", "b", "c"], create: true }, volume: { sizeGiB: 15 } };

    it("are as the settings say when they are new, and as large as their snapshot when they move", async () => {
        const changed = { ...three, overrides: { "1": { moves } } };
        const { code, text } = await pulumi(up, changed);
        assert.equal(code, 0, text);
        assert.deepEqual(await inEc2("data-1-moved-1"), [30, "gp3", 3000]);
        assert.deepEqual(await inEc2("data-2"), [15, "gp3", 3000]);
        assert.equal((await requested("b"))[1], "Bound");
        assert.deepEqual((await pulumi(["preview", "--refresh"], changed)).steps, []);
    });

    it("are refused a move to a smaller volume where the settings no longer leave the size to the cluster", async () => {
        const settings = (sizeGiB?: number) => ({
            ...three,
            managedByCluster: [],
            overrides: { "0": { moves, sizeGiB }, "1": { moves, sizeGiB: 30 } },
        });
        for (const command of [["preview"], up]) {
            const { code, text } = await pulumi(command, settings());
            assert.notEqual(code, 0);
            assert.match(
                text.replace(/\s+/g, " "),
                /overrides\.0\.sizeGiB must be at least 25 for overrides\.0\.moves\.0, as vol-\w+ has it, or managedByCluster have size: .*, got 15/,
            );
        }
        const { code, text } = await pulumi(up, settings(25));
        assert.equal(code, 0, text);
        assert.deepEqual(await inEc2("data-0-moved-1"), [25, "gp3", 3000]);
        assert.deepEqual((await pulumi(["preview", "--refresh"], settings(25))).steps, []);
    });
});
