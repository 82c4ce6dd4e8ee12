import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { failZone } from "../../sandbox/outage";
import type { Servers } from "../../sandbox/servers";
import { StatefulSet } from "../../sandbox/statefulSet";
import { startCli } from "../support/cli/cli";
import { cluster, takeSnapshots, volumeZones } from "../support/cluster/movableStack";
import { firstStart, project, startSandbox } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";

/** Number of StatefulSets, of ten pods each: `EVACUATE_SETS=6 npx mocha tests/engine/evacuateMany.spec.ts` has 60 disks. */
const sets = Number(process.env["EVACUATE_SETS"] ?? 1);
const replicas = 10;
const [a, b, c] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/** Zones fail one after the other, the first in the middle of an update. */
describe("many disks whose zones fail, with the Pulumi CLI", function () {
    this.timeout(300_000 + sets * 300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();
    const names = Array.from({ length: sets }, (_, index) => `set${index}`);

    before(async function () {
        this.timeout(firstStart);
        const nodes = [a, b, c].map((zone) => ({ cluster, role: "node" as const, zone, count: 2 }));
        ({ servers, cli, end } = await startCli(this, {
            start: () => startSandbox({ cluster, instances: nodes }),
        }));
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
        await write({});
        const { code, stdout } = await up();
        assert.equal(code, 0, stdout);
        const folder = await mkdtemp(join(tmpdir(), "sets-"));
        const manifest = await readFile(join(project, "examples", "statefulset", "web.yaml"), "utf8");
        for (const name of names) {
            const file = join(folder, `${name}.yaml`);
            const own = manifest
                .replaceAll("name: web\nspec", `name: ${name}\nspec`)
                .replace("replicas: 5", `replicas: ${replicas}\n    podManagementPolicy: Parallel`)
                .replaceAll("app: nginx", `app: ${name}`)
                .replace("storageClassName: web", `storageClassName: ${name}`);
            await writeFile(file, own);
            await new StatefulSet(servers, name).apply(file);
        }
        await new StatefulSet(servers, "set0").apply(join(project, "examples", "named-claim", "pod.yaml"));
        await rm(folder, { recursive: true });
        await running();
        await takeSnapshots(servers);
    });
    after(() => end());

    const write = (tags: object) => {
        const storages = Object.fromEntries(
            names.map((name) => [
                name,
                {
                    count: replicas,
                    volume: { sizeGiB: 1, tags },
                    claims: { statefulSet: name, template: "www" },
                },
            ]),
        );
        const config = {
            "aws:region": "eu-west-1",
            "zonal-persistent-storage:cluster": { name: cluster },
            "zonal-persistent-storage:storages": {
                ...storages,
                peticion: {
                    count: 1,
                    volume: { sizeGiB: 5, tags },
                    claims: { names: ["mi-peticion"], create: true },
                },
            },
        };
        return writeFile(join(cli.project, "Pulumi.test.yaml"), stringify({ config }));
    };
    const up = (kill?: AbortSignal) =>
        cli.run(["up", "--yes", "--skip-preview"], { ...(kill && { kill, killsGroup: true }) });
    const running = async () => {
        const zones: Record<string, string> = {};
        for (const name of names) {
            Object.assign(zones, await new StatefulSet(servers, name).running(replicas));
        }
        return zones;
    };
    const evacuate = (...args: string[]) => runOnStack("evacuate", cli, servers, args);
    /** Checks that every pod runs where its disk is, in one of these zones. */
    const check = async (allowed: readonly string[]) => {
        const pods = await running();
        const disks = await volumeZones(servers, core);
        Object.entries(pods).forEach(([pod, zone]) => {
            assert.equal(disks.get(pod), zone, pod);
            assert.ok(allowed.includes(zone), `${pod} in ${zone}`);
        });
    };

    it("move if the zone fails in the middle of an update, which is finished first", async () => {
        await write({ team: "shop" });
        const kill = new AbortController();
        const killed = up(kill.signal);
        await sleep(3000);
        kill.abort();
        await killed;
        await failZone(servers, b);
        const { status, stdout, stderr } = await evacuate(`--zone=${b}`, "--yes");
        assert.equal(status, 0, stdout + stderr);
        await check([a, c]);
    });

    it("move on if a second zone fails", async () => {
        await takeSnapshots(servers);
        await failZone(servers, c);
        const { status, stdout, stderr } = await evacuate(`--zone=${c}`, "--yes");
        assert.equal(status, 0, stdout + stderr);
        await check([a]);
    });

    it("stay, with the reason, if no zone has room", async () => {
        const { status, stdout, stderr } = await evacuate(`--zone=${a}`, "--yes");
        assert.equal(status, 2, stdout + stderr);
        assert.match(stderr, /nothing was done: no disk can be moved/);
        await check([a]);
    });
});
