import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { standInProviders } from "../../sandbox/engine";
import { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { Ledger, volumesInState } from "../support/cluster/ledger";
import { firstStart, project } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];
const storage = { count: 2, volume: { sizeGiB: 10 }, protect: false, deletionPolicy: "Delete" };

/** Stacks beside each other, and what happens to a stack as a whole, against the real engine. */
describe("stacks with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let other: PulumiCli;
    let directory: string;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startCli(this, { sharesProcess: true });
        ({ servers, cli, directory } = sandbox);
        const main = join(project, "index.ts");
        other = await PulumiCli.start(
            { directory: project, main, project: "zonal-persistent-storage", stack: "other", config: {} },
            standInProviders(servers),
            join(directory, "other"),
            servers.environment,
        );
        end = () => other.stop().then(sandbox.end);
    });
    after(() => end());

    const pulumi = (storages: object, command: string[], stack = cli) =>
        runWith(stack, { cluster, storages }, command);
    const ids = async (stack = cli) =>
        (await volumesInState(stack)).map(({ name, id }) => `${name} ${id}`).sort();

    it("are independent of other stacks in the same account and cluster", async () => {
        const own = { data: storage, logs: { ...storage, count: 1 } };
        assert.deepEqual((await pulumi(own, up)).changes, { create: 11 });
        assert.deepEqual((await pulumi({ shop: storage }, up, other)).changes, { create: 7 });
        const before = await ids();
        assert.equal(before.length, 3);

        assert.deepEqual((await pulumi({ shop: storage }, destroy, other)).changes, { delete: 7 });
        const ledger = new Ledger(servers, cluster.name);
        assert.equal((await ledger.check()).size, 3);
        assert.deepEqual((await pulumi(own, up)).changes, { same: 11 });
        const { steps } = await pulumi({ data: storage }, up);
        assert.deepEqual(steps, [
            "delete PersistentVolume logs-0",
            "delete StorageClass logs",
            "delete Volume logs-0",
        ]);
    });

    it("have a README output that is stable without changes", async () => {
        const text = async () => (await cli.run(["stack", "output", "readme"])).stdout;
        const before = await text();
        assert.match(before, /^# test\n\n2 disks of the cluster proyecto\.k8s\.local in 2 zones\.\n/);
        assert.match(before, /\| data \| 2 \| 10 GiB, gp3, encrypted \| Delete \| no \| none \|/);
        const preview = await cli.run(["preview", "--expect-no-changes", "--diff"]);
        assert.equal(preview.code, 0, preview.stdout);
        assert.deepEqual((await pulumi({ data: storage }, up)).changes, { same: 7 });
        assert.equal(await text(), before);
    });

    it("are exported and imported without a change", async () => {
        const before = await ids();
        const { stdout } = await cli.run(["stack", "export"]);
        const file = join(directory, "exported.json");
        await writeFile(file, stdout);
        await cli.run(["stack", "init", "moved"]);
        await cli.run(["stack", "select", "test"]);
        const imported = await cli.run(["stack", "import", "--file", file]);
        assert.equal(imported.code, 0, imported.stderr);
        assert.deepEqual((await pulumi({ data: storage }, up)).changes, { same: 7 });
        assert.deepEqual(await ids(), before);
    });

    it("keep volumes when a storage is renamed as in docs/volumes.md", async () => {
        const before = await ids();
        const page = await readFile(join(project, "docs", "volumes.md"), "utf8");
        const [, yaml = ""] = /## Rename a storage[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? [];
        const { registry } = (parse(yaml) as { storages: { registry: object } }).storages;
        const renamed = { registry: { ...storage, ...registry, count: 2 } };
        const preview = await pulumi(renamed, ["preview"]);
        assert.deepEqual(preview.steps, []);
        const outputs = { same: 6, update: 1 };
        assert.deepEqual((await pulumi(renamed, up)).changes, outputs, "the stack's output has another name");
        assert.deepEqual(
            await ids(),
            before.map((one) => one.replace("data", "registry")),
        );
        const later = { ...renamed.registry, aliases: undefined };
        assert.deepEqual((await pulumi({ registry: later }, up)).changes, { same: 7 });
        assert.deepEqual((await pulumi({ registry: later }, destroy)).changes, { delete: 7 });
    });
});
