import { CreateTagsCommand, DeleteVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { runWith, startCli } from "../support/cli/cli";
import { idInState } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const data = { count: 3, volume: { sizeGiB: 10 }, persistentVolume: { labels: { tier: "fast" } } };
const up = ["up", "--yes", "--skip-preview"];
const upWithRefresh = [...up, "--refresh"];

/** The changes by others in docs/volumes.md, with the real engine. */
describe("drift with the Pulumi CLI", function () {
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
        assert.deepEqual((await pulumi(up)).changes, { create: 9 });
    });
    after(() => end());

    const pulumi = (command: string[], different: object = {}) =>
        runWith(cli, { cluster, storages: { data: { ...data, ...different } } }, command);
    const patch = (name: string, body: object, fieldManager: string) =>
        core.patchPersistentVolume(
            { name, body, fieldManager },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
    const labels = async (name: string) => (await core.readPersistentVolume({ name })).metadata?.labels;
    const idOf = (name: string) => idInState(cli, name);

    it("creates a deleted PersistentVolume again for the same volume", async () => {
        const volumeId = await idOf("data-1");
        await core.deletePersistentVolume({ name: "data-1" });
        assert.deepEqual((await pulumi(upWithRefresh)).steps, ["create PersistentVolume data-1"]);
        const { spec } = await core.readPersistentVolume({ name: "data-1" });
        assert.equal(spec?.csi?.volumeHandle, volumeId);
        assert.deepEqual((await pulumi(["preview"])).changes, { same: 9 });
    });

    it("keeps labels of others", async () => {
        await patch("data-0", { metadata: { labels: { theirs: "too" } } }, "their-controller");
        const { steps } = await pulumi(upWithRefresh, { persistentVolume: { labels: { tier: "slow" } } });
        assert.deepEqual(
            steps,
            [0, 1, 2].map((ordinal) => `update PersistentVolume data-${ordinal}`),
        );
        const { tier, theirs } = (await labels("data-0")) ?? {};
        assert.deepEqual([tier, theirs], ["slow", "too"]);
        await pulumi(up);
    });

    it("restores edited labels", async () => {
        await patch("data-0", { metadata: { labels: { tier: "theirs" } } }, "kubectl-edit");
        assert.deepEqual((await pulumi(upWithRefresh)).steps, ["update PersistentVolume data-0"]);
        assert.equal((await labels("data-0"))?.["tier"], "fast");
    });

    it("reports conflicts with controllers, which a setting resolves", async () => {
        await patch("data-0", { metadata: { labels: { tier: "theirs" } } }, "their-controller");
        const { code, text } = await pulumi(upWithRefresh);
        assert.notEqual(code, 0);
        assert.match(text, /conflict with "their-controller".*: \.metadata\.labels\.tier/);
        assert.equal((await labels("data-0"))?.["tier"], "theirs");
        const persistentVolume = {
            ...data.persistentVolume,
            annotations: { "pulumi.com/patchForce": "true" },
        };
        assert.equal((await pulumi(upWithRefresh, { persistentVolume })).code, 0);
        assert.equal((await labels("data-0"))?.["tier"], "fast");
        assert.equal((await pulumi(up)).code, 0);
    });

    it("keeps the capacity that the driver's resizer has written", async () => {
        const volume = { sizeGiB: 20 };
        await pulumi(up, { volume });
        await patch("data-0", { spec: { capacity: { storage: "20Gi" } } }, "csi-resizer");
        assert.deepEqual((await pulumi(["preview"], { volume })).changes, { same: 9 });
        const persistentVolume = { labels: { tier: "slow" } };
        const { code, text } = await pulumi(upWithRefresh, { volume, persistentVolume });
        assert.equal(code, 0, text);
        const { spec } = await core.readPersistentVolume({ name: "data-0" });
        assert.equal(spec?.capacity?.["storage"], "20Gi");
        await pulumi(up, { volume });
    });

    it("restores changed tags", async () => {
        const volume = { sizeGiB: 20 };
        const id = await idOf("data-2");
        const theirs = [{ Key: "KubernetesCluster", Value: "another" }];
        await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: theirs }));
        assert.deepEqual((await pulumi(upWithRefresh, { volume })).steps, ["update Volume data-2"]);
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
        const tag = Volumes[0]?.Tags?.find(({ Key }) => Key === "KubernetesCluster");
        assert.equal(tag?.Value, cluster.name);
    });

    it("replaces a deleted volume by an empty one only when the settings say so", async () => {
        const volume = { sizeGiB: 20 };
        const id = await idOf("data-2");
        await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
        const { code, text } = await pulumi(["preview", "--refresh"], { volume });
        assert.notEqual(code, 0, text);
        assert.match(text.replace(/\s+/g, " "), new RegExp(`overrides.2.lostVolumeId must be "${id}"`));
        const overrides = { "2": { lostVolumeId: id } };
        const { steps } = await pulumi(["preview", "--refresh"], { volume, overrides });
        assert.deepEqual(steps, [
            "create Volume data-2",
            "create-replacement PersistentVolume data-2",
            "delete-replaced PersistentVolume data-2",
            "replace PersistentVolume data-2",
        ]);
    });
});
