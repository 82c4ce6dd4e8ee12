import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error } from "../../sandbox/faults";
import type { FaultyServers } from "../../sandbox/faults";
import { until } from "../../sandbox/until";
import { startCli } from "../support/cli/cli";
import { cluster, MovableStack } from "../support/cluster/movableStack";
import { firstStart, project } from "../support/cluster/sandbox";

const [b, c] = ["eu-west-1b", "eu-west-1c"];

/** A program that has its storage in code, not in the stack's file: "Programs in code" in docs/evacuate.md. */
describe("a disk of a program in code, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let cli: PulumiCli;
    let faulty: FaultyServers;
    let stack: MovableStack;
    let end: () => Promise<void> = () => Promise.resolve();
    let folder: string;

    const storage = {
        clusterName: cluster,
        count: 1,
        volume: { sizeGiB: 1 },
        claims: { names: ["mi-peticion"] },
    };
    /** Writes the program, with more args of its storage. */
    const writeProgram = (more: object = {}) =>
        writeFile(
            join(folder, "index.ts"),
            `import { ZonalPersistentStorage } from ${JSON.stringify(join(project, "components"))};
            const data = new ZonalPersistentStorage("data", ${JSON.stringify({ ...storage, ...more })});
            export const storages = { data: { volumes: data.volumes } };`,
        );
    const up = async () => {
        const { code, stdout } = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(code, 0, stdout);
    };
    const podZone = () =>
        until(
            async () => {
                const { items } = await stack.core.listNamespacedPod({ namespace: "default" });
                const node = items.find(({ status }) => status?.phase === "Running")?.spec?.nodeName;
                const { metadata } = node === undefined ? {} : await stack.core.readNode({ name: node });
                return metadata?.labels?.["topology.kubernetes.io/zone"];
            },
            "the pod to run",
            60,
        );

    before(async function () {
        this.timeout(firstStart);
        const started = await startCli(this, { sharesProcess: true });
        ({ cli, faulty, end } = started);
        folder = join(started.directory, "program");
        await mkdir(folder);
        await symlink(join(project, "node_modules"), join(folder, "node_modules"));
        await writeFile(
            join(folder, "tsconfig.json"),
            JSON.stringify({ extends: join(project, "tsconfig.json") }),
        );
        const file = join(cli.project, "Pulumi.yaml");
        const { config, ...settings } = parse(await readFile(file, "utf8")) as { config: object };
        assert.ok(config, "this program has none");
        await writeFile(file, stringify({ ...settings, main: join(folder, "index.ts") }));
        await cli.configure({ "aws:region": "eu-west-1" });
        await writeProgram();
        stack = new MovableStack(started.servers, cli);
        await up();
        await stack.core.createNamespacedPersistentVolumeClaim({
            namespace: "default",
            body: {
                metadata: { name: "mi-peticion" },
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    storageClassName: "data",
                    resources: { requests: { storage: "1Gi" } },
                },
            },
        });
        await stack.web.apply(join(project, "examples", "named-claim", "pod.yaml"));
        stack.startDriver();
        assert.equal(await podZone(), b);
    });
    after(async () => {
        stack.stop();
        await end();
    });

    it("moves when the program has the printed args, and goes back with --undo before there is a volume", async () => {
        const before = await stack.disks();
        const move = ["move", "data-0", `--to=${c}`, "--yes"] as const;
        const first = await stack.run(...move);
        assert.equal(first.status, 2, first.stdout + first.stderr);
        assert.match(first.stderr, /add the above to it, then run the same command again/);
        const [, printed = ""] = /^args of the component.*\n((?: {4}.*\n)+)/m.exec(first.stdout) ?? [];
        const { data } = parse(printed) as { data?: object };
        assert.ok(data, first.stdout);
        assert.equal(await podZone(), b);

        await writeProgram(data);
        faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), {
            matching: ({ body }) => body.includes("Action=CreateVolume"),
        });
        const failed = await stack.run(...move);
        assert.equal(failed.status, 1, failed.stdout + failed.stderr);
        assert.match(failed.stderr, /VolumeLimitExceeded.*or go back with --undo/s);
        const undone = await stack.run(...move, "--undo");
        assert.equal(undone.status, 0, undone.stdout + undone.stderr);
        assert.match(undone.stdout, /take the moves out of the program again, and run pulumi up/);
        assert.equal(await podZone(), b);
        assert.deepEqual((await stack.disks()).get("data-0"), before.get("data-0"));

        faulty.ec2.heal();
        await writeProgram();
        await up();
        await writeProgram(data);
        const again = await stack.run(...move);
        assert.equal(again.status, 0, again.stdout + again.stderr);
        const { zone, keptVolumeIds } = (await stack.disks()).get("data-0")!;
        assert.deepEqual([zone, keptVolumeIds], [c, [before.get("data-0")?.volumeId]]);
        assert.equal(await podZone(), c);
    });
});
