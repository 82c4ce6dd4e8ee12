import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { childTypes } from "../../components/engine/resourceTypes";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { StatefulSet } from "../../sandbox/statefulSet";
import { until } from "../../sandbox/until";
import { ownerTag, tagsOf } from "../../tools/inspect/tags";
import { startCli } from "../support/cli/cli";
import type { CliSandbox } from "../support/cli/cli";
import { attachVolumes, statefulSetOf, usage } from "../support/cluster/disksInUse";
import { DiskCluster, namespace, podOf } from "../support/cluster/diskCluster";
import { firstStart } from "../support/cluster/sandbox";
import { commandsOf, runbook } from "../support/pages/runbook";
import { runOnStack } from "../support/tools/onStack";

const page = "docs/large-stacks.md";
const [first, second] = ["production", "production-2"];

/** The settings that the page begins with. */
const settings = `config:
    aws:region: eu-west-1
    zonal-persistent-storage:cluster:
        name: proyecto.k8s.local
    zonal-persistent-storage:storages:
        web:
            count: 5
            volume: { sizeGiB: 1 }
            claims: { statefulSet: web, template: www }
        logs:
            count: 2
            volume: { sizeGiB: 2, tags: { team: "012" } }
            claims: { names: [logs-0, logs-1], create: true }
            deletionPolicy: Snapshot
`;

/** The steps of docs/large-stacks.md, to the letter, while pods use the disks. */
describe("a stack that is split, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let sandbox: CliSandbox;
    let disks: DiskCluster;
    let asBefore: Awaited<ReturnType<typeof everything>>;

    before(async function () {
        this.timeout(firstStart);
        sandbox = await startCli(this, { sharesProcess: true });
        disks = new DiskCluster(sandbox.servers);
        await pulumi("stack", "init", first);
        await writeFile(settingsFile(first), settings);
        await pulumi("up", "--stack", first, "--yes", "--skip-preview");
        await startPods();
        asBefore = await everything();
        assert.equal(Object.keys(asBefore.zones).length, 7);
        assert.ok(new Set(Object.values(asBefore.zones)).size > 1, "the disks are in several zones");
    });
    after(() => sandbox.end());

    const settingsFile = (stack: string) => join(sandbox.cli.project, `Pulumi.${stack}.yaml`);
    const pulumi = async (...args: string[]) => {
        const { code, stdout, stderr } = await sandbox.cli.run(args);
        assert.equal(code, 0, stdout + stderr);
        return stdout;
    };
    const startPods = async () => {
        const { servers } = sandbox;
        const set = statefulSetOf({ statefulSet: "web", template: "www", replicas: 5, className: "web" });
        await disks.apps.createNamespacedStatefulSet({ namespace, body: set });
        for (const name of ["logs-0", "logs-1"]) {
            const body = podOf(name);
            await disks.core.createNamespacedPod({ namespace, body });
            await disks.running(name);
        }
        await new StatefulSet(servers, "web").running(5);
        await attachVolumes(servers);
    };
    /** Uids of all objects, attachments of all volumes, and the volume and the zone of each PersistentVolume. */
    const everything = async () => {
        const { items } = await kubeConfig(sandbox.servers).makeApiClient(CoreV1Api).listPersistentVolume();
        const zones = new Map((await disks.volumes()).map((one) => [one.VolumeId, one.AvailabilityZone]));
        return {
            usage: await usage(sandbox.servers),
            zones: Object.fromEntries(
                items.map(({ metadata, spec }) => {
                    const volumeId = spec?.csi?.volumeHandle ?? "";
                    return [metadata?.name ?? "", `${volumeId} in ${zones.get(volumeId)}`];
                }),
            ),
        };
    };
    /** Does what a section of the page says. */
    const follow = async (title: string) => {
        for (const { language, text } of runbook(title, page)) {
            if (language === "yaml") {
                await writeFile(settingsFile(second), text);
                continue;
            }
            for (const { words } of commandsOf(text)) {
                await run(words);
                assert.deepEqual(await everything(), asBefore, words.join(" "));
            }
        }
    };
    const run = async (words: readonly string[]) => {
        const [program, ...args] = words as [string, ...string[]];
        if (program === "pulumi") {
            await pulumi(...args, ...(args[0] === "up" ? ["--yes", "--skip-preview"] : []));
        } else if (program === "rm") {
            await rm(join(sandbox.cli.project, args[0]!));
        } else {
            assert.deepEqual([program, args[0]], ["npx", "zonal-persistent-storage"]);
            const [, command = "", ...others] = args;
            const { status, stdout, stderr } = await runOnStack(command, sandbox.cli, sandbox.servers, [
                ...others,
                "--yes",
            ]);
            assert.equal(status, 0, stdout + stderr);
        }
    };
    const storagesOf = async (stack: string) => {
        const printed = await pulumi("stack", "output", "storages", "--json", "--stack", stack);
        const storages = JSON.parse(printed) as Record<
            string,
            { volumes: { persistentVolumeName: string }[] }
        >;
        return Object.fromEntries(
            Object.entries(storages).map(([name, { volumes }]) => [
                name,
                volumes.map(({ persistentVolumeName }) => persistentVolumeName),
            ]),
        );
    };
    const nothingToDo = async () => {
        for (const stack of [first, second]) {
            await pulumi("preview", "--stack", stack, "--expect-no-changes", "--diff");
        }
    };

    it("gives whole storages to another stack", async () => {
        await follow("The other stack");
        await follow("Give it whole storages");
        await nothingToDo();
        assert.deepEqual(await storagesOf(first), { web: [0, 1, 2, 3, 4].map((one) => `web-${one}`) });
        assert.deepEqual(await storagesOf(second), { logs: ["logs-0", "logs-1"] });
        const written = await readFile(settingsFile(second), "utf8");
        assert.match(written, /deletionPolicy: Snapshot/);
        assert.match(written, /create: false/);
    });

    it("gives some ordinals of a storage to it", async () => {
        await follow("Give it some ordinals of a storage");
        await nothingToDo();
        assert.deepEqual(await storagesOf(first), { web: ["web-0", "web-1", "web-2"] });
        assert.deepEqual(await storagesOf(second), { logs: ["logs-0", "logs-1"], web: ["web-3", "web-4"] });
        assert.match(await readFile(settingsFile(second), "utf8"), /web:\n\s+start: 3\n/);
    });

    it("protects its volumes in both stacks", async () => {
        for (const [stack, count] of [
            [first, 3],
            [second, 4],
        ] as const) {
            const { deployment } = JSON.parse(await pulumi("stack", "export", "--stack", stack)) as {
                deployment: { resources: { type: string; protect?: boolean }[] };
            };
            const volumes = deployment.resources.filter(({ type }) => type === childTypes.volume);
            assert.deepEqual(
                volumes.map(({ protect }) => protect),
                Array(count).fill(true),
            );
        }
    });

    it("has nothing in its state that a killed update without checkpoints has made", async () => {
        const { cli, faulty } = sandbox;
        const stack = "without-checkpoints";
        await pulumi("stack", "init", stack);
        const lines = settings.split("\n").slice(0, 5);
        const storage = "        new: { count: 3, volume: { sizeGiB: 1 } }";
        await writeFile(settingsFile(stack), [...lines, storage, ""].join("\n"));
        let isMaking = false;
        faulty.kubernetes.fail("hang", {
            matching: ({ method, path }) =>
                (isMaking ||= ["POST", "PATCH"].includes(method) && /\/persistentvolumes\b/.test(path)),
        });
        const kill = new AbortController();
        const killed = cli.run(["up", "--stack", stack, "--yes", "--skip-preview"], {
            environment: { PULUMI_SKIP_CHECKPOINTS: "true" },
            kill: kill.signal,
            killsGroup: true,
        });
        await until(() => Promise.resolve(isMaking || undefined), "the first PersistentVolume", 120);
        kill.abort();
        assert.notEqual((await killed).code, 0);
        faulty.kubernetes.heal();
        const { deployment } = JSON.parse(await pulumi("stack", "export", "--stack", stack)) as {
            deployment: { resources?: unknown[]; pending_operations?: unknown[] };
        };
        assert.deepEqual([deployment.resources ?? [], deployment.pending_operations ?? []], [[], []]);
        const made = (await disks.volumes()).filter((one) => /^new-\d$/.test(tagsOf(one)[ownerTag] ?? ""));
        assert.notEqual(made.length, 0);
    });
});
