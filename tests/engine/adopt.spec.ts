import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { VolumeRecord } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { StatefulSet } from "../../sandbox/statefulSet";
import { startCli, stepsIn } from "../support/cli/cli";
import {
    attachVolumes,
    provisionedDisks,
    scriptMadeDisks,
    syncProvisioner,
    usage,
} from "../support/cluster/disksInUse";
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

type Storages = Record<string, { overrides: Record<string, object> }>;

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

    const core = () => kubeConfig(servers).makeApiClient(CoreV1Api);
    const up = async () => {
        const { code, stdout, stderr, events } = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(code, 0, stdout + stderr);
        return { text: stdout, steps: stepsIn(events) };
    };
    const change = async (edit: (storages: Storages) => void) => {
        const document = parseDocument(await readFile(settingsFile(), "utf8"));
        const path = ["config", "zonal-persistent-storage:storages"];
        const storages = (document.toJS() as { config: Record<string, Storages> }).config[path[1]!]!;
        edit(storages);
        document.setIn(path, storages);
        await writeFile(settingsFile(), document.toString());
    };
    const volumeOf = async (storage: string, ordinal: number) => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        const storages = JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>;
        return storages[storage]!.volumes.find((one) => one.ordinal === ordinal)!;
    };

    it("are only shown by --dry-run", async () => {
        const { status, stdout, stderr } = await adopt("--all", "--dry-run");
        assert.equal(status, 2, stdout + stderr);
        assert.match(stdout, /8 disks to adopt/);
        assert.match(stderr, /nothing was done: --dry-run/);
        assert.equal(await readFile(settingsFile(), "utf8"), settings);
        assert.deepEqual(await usage(servers), inUse);
    });

    it("come into the stack as they are", async () => {
        const { status, stdout, stderr } = await runOnStack("adopt", cli, servers, ["--all", "--yes"], {
            ownProcess: true,
        });
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await usage(servers), inUse);
        const preview = await cli.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.code, 0, preview.stdout);
    });

    it("grow", async () => {
        await change((storages) => Object.assign(storages["www-web"]!.overrides["3"]!, { sizeGiB: 3 }));
        const { steps } = await up();
        assert.deepEqual(steps, ["update Volume www-web-3"]);
        assert.deepEqual(await usage(servers), inUse);
    });

    it("move to another zone, with their claim", async () => {
        const web = new StatefulSet(servers, "web");
        await web.scale(4);
        await web.deleteClaim("www-web-4");
        await attachVolumes(servers);
        await syncProvisioner(servers);
        const zone = (await volumeOf("www-web", 4)).zone === "eu-west-1b" ? "eu-west-1c" : "eu-west-1b";
        const moves = [{ zone, from: "NewSnapshot" }];
        await change((storages) => Object.assign(storages["www-web"]!.overrides["4"]!, { moves }));
        const { steps, text } = await up();
        assert.deepEqual(
            steps.filter((step) => /Volume/.test(step)),
            [
                "create Volume www-web-4-moved-1",
                "create-replacement PersistentVolume www-web-4",
                "delete-replaced PersistentVolume www-web-4",
                "replace PersistentVolume www-web-4",
            ],
            text,
        );
        await web.scale(5);
        assert.equal((await web.running(5))["web-4"], zone);
        await attachVolumes(servers);
        inUse = await usage(servers);
    });

    it("are released, with the reclaim policies that they had, and adopted again", async () => {
        const released = await runOnStack("release", cli, servers, [
            ...["www-web", "manual-ebs", "--former-policy", "--yes"],
        ]);
        assert.equal(released.status, 0, released.stdout + released.stderr);
        assert.deepEqual(await usage(servers), inUse);
        const { items } = await core().listPersistentVolume();
        const policies = items.map(({ spec }) => spec?.persistentVolumeReclaimPolicy).sort();
        // The moved disk is the stack's own PersistentVolume.
        assert.deepEqual(policies, [...Array<string>(4).fill("Delete"), ...Array<string>(4).fill("Retain")]);
        // The CLI has written its own line, and the test's edits their own indentation.
        const left = (await readFile(settingsFile(), "utf8")).replace(/^encryptionsalt: .*\n/m, "");
        assert.equal(left.replace(/^ +/gm, ""), settings.replace(/^ +/gm, ""));

        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await usage(servers), inUse);
    });
});
