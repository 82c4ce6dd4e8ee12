import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { fillAccount } from "../../sandbox/accounts";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { until } from "../../sandbox/until";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { commandLineProgram } from "../support/tools/run";
import { firstStart, project } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";
const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];

/** The component's 90 seconds for a deletion, which tests/component/claims.spec.ts looks at, are 10 here. */
const impatient = join(project, "tests", "support", "cli", "impatient", "index.ts");

/** The claims of docs/claims.md, with the real engine. */
describe("claims with the Pulumi CLI", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { main: impatient, sharesProcess: true }));
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());

    const doctor = () => {
        const args = [commandLineProgram, "doctor"];
        // The stack that is selected here isn't the sandbox's.
        const env = { ...process.env, ...servers.environment, PULUMI_BACKEND_URL: "file:///nowhere" };
        const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", env });
        return { status, stdout };
    };
    const pulumi = (storages: Record<string, object>, command: string[]) =>
        runWith(cli, { cluster, storages }, command);
    /** Nothing to lose: the tests destroy it all. */
    const free = { protect: false, deletionPolicy: "Delete" };
    const owned = { count: 2, volume: { sizeGiB: 2 }, claims: { names: ["a", "b"], create: true }, ...free };

    it("of ours are created and destroyed without a hang, time after time", async () => {
        for (let round = 1; round <= 3; round++) {
            const made = await pulumi({ owned }, up);
            assert.deepEqual(made.changes, { create: 9 }, made.text);
            const gone = await pulumi({ owned }, destroy);
            assert.deepEqual(gone.changes, { delete: 9 }, gone.text);
        }
    });

    it("of ours grow with the config, and nothing changes after that", async () => {
        await pulumi({ owned }, up);
        // Kubernetes writes the last one as 1Ti.
        let grown = owned;
        for (const sizeGiB of [3, 1023, 1024]) {
            grown = { ...owned, volume: { sizeGiB } };
            const { changes, text } = await pulumi({ owned: grown }, up);
            assert.deepEqual(changes, { update: 5, same: 4 }, text);
            assert.deepEqual((await pulumi({ owned: grown }, ["preview"])).changes, { same: 9 });
        }
        const { spec } = await core.readNamespacedPersistentVolumeClaim({ name: "a", namespace });
        assert.equal(spec?.resources?.requests?.storage, "1Ti");
        await pulumi({ owned: grown }, ["refresh", "--yes", "--skip-preview"]);
        assert.deepEqual((await pulumi({ owned: grown }, ["preview"])).changes, { same: 9 });
        await pulumi({ owned: grown }, destroy);
    });

    it("that aren't ours block a destroy for a time, and let it pass once they are gone", async () => {
        const reserved = { count: 1, volume: { sizeGiB: 2 }, claims: { names: ["theirs"] }, ...free };
        await pulumi({ reserved }, up);
        const body = {
            metadata: { name: "theirs" },
            spec: {
                storageClassName: "reserved",
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "2Gi" } },
            },
        };
        await core.createNamespacedPersistentVolumeClaim({ namespace, body });
        const phase = async () => (await core.readPersistentVolume({ name: "reserved-0" })).status?.phase;
        await until(
            async () => ((await phase()) === "Bound" ? true : undefined),
            "the claim to be bound",
            30,
        );
        assert.deepEqual((await pulumi({ reserved }, ["preview"])).changes, { same: 5 });

        const blocked = await pulumi({ reserved }, destroy);
        assert.notEqual(blocked.code, 0);
        assert.match(blocked.text, /timed out waiting for the condition/);
        assert.deepEqual(doctor(), {
            status: 1,
            stdout: [
                "PersistentVolume reserved-0 is to be deleted, but claim default/theirs holds it, which no pod uses",
                "    kubectl delete pvc/theirs --namespace=default",
                "    then run the same pulumi command again; if it was kubectl that deleted it, run pulumi refresh and pulumi up",
                "1 problem; not looked at: the stack's state\n",
            ].join("\n"),
        });

        await core.deleteNamespacedPersistentVolumeClaim({ name: "theirs", namespace });
        const { code, text } = await pulumi({ reserved }, destroy);
        assert.equal(code, 0, text);
        assert.deepEqual(doctor(), {
            status: 2,
            stdout: "no problems found in what could be read; not looked at: the stack's state, leftover volumes\n",
        });
    });

    it("of several templates have their disks in one zone, after the nodes' zones have changed too", async () => {
        const storage = (template: string, count: number) => ({
            count,
            volume: { sizeGiB: 1 },
            claims: { statefulSet: "db", template },
            ...free,
        });
        const storages = (count: number) => ({
            logs: { ...storage("logs", count), alongside: "data" },
            data: storage("data", count),
        });
        const zones = async () => {
            const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
            const outputs = JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>;
            const [data, logs] = ["data", "logs"].map((name) =>
                outputs[name]!.volumes.map(({ zone }) => zone),
            );
            assert.deepEqual(logs, data);
            return data!;
        };
        const addNode = (zone: string) =>
            fillAccount(servers, {
                cluster: cluster.name,
                instances: [{ cluster: cluster.name, role: "node", zone }],
            });

        assert.equal((await pulumi(storages(6), up)).code, 0);
        const before = await zones();
        assert.deepEqual(
            before,
            ["b", "c", "b", "c", "b", "c"].map((letter) => `eu-west-1${letter}`),
        );
        await addNode("eu-west-1a");
        const { changes, text } = await pulumi(storages(9), up);
        assert.deepEqual(changes, { create: 12, update: 2, same: 29 - 2 }, text);
        const after = await zones();
        assert.deepEqual(after.slice(0, 6), before);
        assert.deepEqual(
            after.slice(6),
            ["a", "b", "c"].map((letter) => `eu-west-1${letter}`),
        );
        await pulumi(storages(9), destroy);
    });
});
