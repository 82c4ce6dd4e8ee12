import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { MovableStack } from "../support/cluster/movableStack";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";
import { delayOf } from "../support/chance";

/** How often to kill: `EVACUATE_KILLS=20 npx mocha tests/engine/evacuateKilled.spec.ts`. */
const kills = Number(process.env["EVACUATE_KILLS"] ?? 2);

/** Steps at which the command is killed in turn, a random time after each. */
const steps = [
    /^end the pods$/m,
    / creating/,
    /^wait until the volumes are detached$/m,
    / PersistentVolume \S+ (deleting|creating|replacing)/,
    /^pulumi up$/m,
    /^start the pods$/m,
    /^then:$/m,
];

/** `kill -9` of `evacuate` and its child processes. */
describe("killed evacuations with the Pulumi CLI", function () {
    this.timeout(kills * 400_000);

    let servers: Servers;
    let cli: PulumiCli;
    let stack: MovableStack;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        stack = new MovableStack(servers, cli);
        await stack.start();
    });
    after(async () => {
        stack.stop();
        await end();
    });

    /** Kills an evacuation of a zone. */
    const killed = async (zone: string, step: RegExp, delay: number) => {
        const kill = new AbortController();
        let printed = "";
        let timer: NodeJS.Timeout | undefined;
        const { status } = await runOnStack("evacuate", cli, servers, [`--zone=${zone}`, "--yes"], {
            kill: kill.signal,
            report: (text) => {
                printed += text;
                timer ??= step.test(printed) ? setTimeout(() => kill.abort(), delay) : undefined;
            },
        });
        clearTimeout(timer);
        return { isKilled: status !== 0, printed };
    };

    it("end well when the same command is run again, and go back with --undo", async () => {
        let [count, undone] = [0, 0];
        for (let turn = 0; turn < kills; turn++) {
            const before = await stack.check();
            const settings = await readFile(stack.settingsFile, "utf8");
            const volumes = await stack.volumeIds();
            const zone =
                [...before.values()].filter((disk) => disk.zone === "eu-west-1b").length >= 3
                    ? "eu-west-1b"
                    : "eu-west-1c";
            const step = steps[turn % steps.length]!;
            const delay = delayOf(turn);
            const { isKilled, printed } = await killed(zone, step, delay);
            count += isKilled ? 1 : 0;
            let said = `killed ${delay} ms after ${String(step)}:\n${printed}\n---\n`;
            const args = [`--zone=${zone}`, "--yes"];
            if (turn % 2 === 1 && isKilled) {
                const back = await stack.run("evacuate", ...args, "--undo");
                said += `undo:\n${back.stdout}${back.stderr}`;
                const isLate = /pods may have written|--undo needs a command/.test(back.stderr);
                assert.equal(back.status, isLate ? 2 : 0, said);
                if (!isLate) {
                    undone++;
                    const after = await stack.check();
                    before.forEach((disk, name) =>
                        assert.equal(after.get(name)?.volumeId, disk.volumeId, said),
                    );
                    assert.equal(await readFile(stack.settingsFile, "utf8"), settings, said);
                    const preview = await cli.run(["preview", "--expect-no-changes"]);
                    assert.equal(preview.code, 0, said + preview.stdout);
                    continue;
                }
            }
            const again = await stack.run("evacuate", ...args);
            said += again.stdout + again.stderr;
            assert.equal(again.status, 0, said);
            const after = await stack.check();
            for (const [name, disk] of before) {
                const { zone: now, volumeId, snapshotId, keptVolumeIds } = after.get(name)!;
                if (disk.zone !== zone) {
                    assert.equal(volumeId, disk.volumeId, said);
                    continue;
                }
                assert.notEqual(now, zone, said);
                assert.equal(
                    await stack.sourceOf(snapshotId),
                    disk.volumeId,
                    `${name} has its data\n${said}`,
                );
                assert.ok(keptVolumeIds.includes(disk.volumeId), said);
            }
            const left = await stack.volumeIds();
            assert.deepEqual(
                volumes.filter((id) => !left.includes(id)),
                [],
                said,
            );
        }
        console.log(`      ${count} of ${kills} killed, ${undone} undone`);
    });
});
