import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { attachVolumes, provisionedDisks, scriptMadeDisks, usage } from "../support/cluster/disksInUse";
import type { Usage } from "../support/cluster/usage";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";

const cluster = "proyecto.k8s.local";

const settings = `# The storages of the shop.
config:
    aws:region: eu-west-1
    zonal-persistent-storage:cluster:
        name: ${cluster} # the one in Ireland
`;

/** The promises of docs/existing-disks.md, with the real engine: disks in use come into a stack. */
describe("adopted disks with the Pulumi CLI", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let inUse: Usage;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        await scriptMadeDisks(servers, { cluster });
        await provisionedDisks(servers, {
            cluster,
            statefulSet: "web",
            template: "www",
            replicas: 5,
            className: "gp3",
        });
        await attachVolumes(servers);
        inUse = await usage(servers);
        await writeFile(settingsFile(), settings);
    });
    after(() => end());

    const settingsFile = () => join(cli.project, "Pulumi.test.yaml");
    const adopt = (...args: string[]) => runOnStack("adopt", cli, servers, args);

    it("are only shown by --dry-run", async () => {
        const { status, stdout, stderr } = await adopt("--all", "--dry-run");
        assert.equal(status, 2, stdout + stderr);
        assert.match(stdout, /8 disks to adopt/);
        assert.match(stderr, /nothing was done: --dry-run/);
        assert.equal(await readFile(settingsFile(), "utf8"), settings);
        assert.deepEqual(await usage(servers), inUse);
    });

    it("come into the stack as they are", async () => {
        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await usage(servers), inUse);
        const preview = await cli.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.code, 0, preview.stdout);
    });
});
