import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { provisionedDisks, usage } from "../support/cluster/disksInUse";
import type { DiskInUse, Usage } from "../support/cluster/disksInUse";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";

const cluster = "proyecto.k8s.local";
const settings = { "aws:region": "eu-west-1", "zonal-persistent-storage:cluster": { name: cluster } };
const storagesKey = "zonal-persistent-storage:storages";

interface Settings {
    readonly config: {
        readonly [storagesKey]: {
            readonly "www-web": {
                readonly overrides: Record<string, { persistentVolumeName?: string } | undefined>;
            };
        };
    };
}

/** Mistakes with disks that were adopted, with the real engine: nothing happens to the disks. */
describe("mistakes with adopted disks", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let disks: DiskInUse[];
    let inUse: Usage;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        const web = { statefulSet: "web", template: "www", replicas: 2, className: "gp3" };
        disks = await provisionedDisks(servers, { cluster, ...web });
        inUse = await usage(servers);
        await writeFile(fileOf("test"), stringify({ config: settings }));
        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
    });
    afterEach(async () => assert.deepEqual(await usage(servers), inUse));
    after(() => end());

    const fileOf = (stack: string) => join(cli.project, `Pulumi.${stack}.yaml`);
    const adopt = (...args: string[]) => runOnStack("adopt", cli, servers, args);
    const core = () => kubeConfig(servers).makeApiClient(CoreV1Api);
    const policies = async () => {
        const { items } = await core().listPersistentVolume();
        return items.map(({ spec }) => spec?.persistentVolumeReclaimPolicy);
    };

    it("leave them as they are when they are adopted again", async () => {
        const written = await readFile(fileOf("test"), "utf8");
        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /^left out, since the stack has them already: pvc-.*, pvc-/m);
        assert.match(stdout, /nothing to adopt: the stack has these disks already/);
        assert.equal(await readFile(fileOf("test"), "utf8"), written);
    });

    it("are refused when another stack of the project is to adopt them", async () => {
        await cli.run(["stack", "init", "other", "--no-select"]);
        const before = stringify({ config: settings });
        await writeFile(fileOf("other"), before);
        const { status, stdout, stderr } = await adopt("--all", "--stack=other", "--yes");
        assert.equal(status, 2, stdout + stderr);
        // Both have the same reason, and are in one line, in the order of their claims.
        const names = disks.map(({ persistentVolume }) => persistentVolume);
        const reason = `PersistentVolumes ${names.join(", ")}: each is of storage www-web of stack test: take it out there first`;
        assert.ok(stderr.includes(reason), stderr);
        assert.equal(await readFile(fileOf("other"), "utf8"), before);
    });

    it("are refused when the settings lose or exchange the names of their PersistentVolumes", async () => {
        const written = await readFile(fileOf("test"), "utf8");
        const { config } = parse(written) as Settings;
        const { overrides } = config[storagesKey]["www-web"];
        const [first, second] = disks.map(({ persistentVolume }) => persistentVolume);
        const { "0": zero, "1": one } = overrides;
        assert.equal(zero?.persistentVolumeName, first);
        for (const [names, reason] of [
            [[undefined, second], `is missing, it must be "${first}"`],
            [[second, first], `must be "${first}": .*, got "${second}"`],
        ] as const) {
            overrides["0"] = { ...zero, persistentVolumeName: names[0] };
            overrides["1"] = { ...one, persistentVolumeName: names[1] };
            await writeFile(fileOf("test"), stringify({ ...(parse(written) as Settings), config }));
            for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
                const { code, stdout } = await cli.run(command);
                assert.notEqual(code, 0, stdout);
                assert.match(stdout, new RegExp(`overrides\\.0\\.persistentVolumeName ${reason}`));
            }
        }
        await writeFile(fileOf("test"), written);
        const up = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(up.code, 0, up.stdout);
    });

    it("are made safe again by adopt when somebody has changed a reclaim policy", async () => {
        const name = disks[1]!.persistentVolume;
        const body = [{ op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Delete" }];
        const asPatch = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
        await core().patchPersistentVolume({ name, body }, asPatch);
        const doctor = await runOnStack("doctor", cli, servers, []);
        assert.match(doctor.stdout, new RegExp(`PersistentVolume ${name} has the reclaim policy Delete`));
        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /^1 disk to adopt$/m);
        assert.deepEqual(await policies(), ["Retain", "Retain"]);
    });
});
