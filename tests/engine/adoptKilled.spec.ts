import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { provisionedDisks, scriptMadeDisks, usage } from "../support/cluster/disksInUse";
import type { Usage } from "../support/cluster/disksInUse";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";
import { delayOf } from "../support/chance";

const cluster = "proyecto.k8s.local";

/** How often to kill: `ADOPT_KILLS=20 npx mocha tests/engine/adoptKilled.spec.ts`. */
const kills = Number(process.env["ADOPT_KILLS"] ?? 2);

/** Steps of `adopt` at which it is killed in turn, a random time after each. */
const steps = [
    /then, with no pod stopped/,
    /^pulumi import$/m,
    / importing| imported/,
    /^pulumi up$/m,
    / updating/,
];

/** `kill -9` of `adopt` and its child processes: the same command ends well. */
describe("killed adoptions with the Pulumi CLI", function () {
    this.timeout(kills * 240_000);

    let servers: Servers;
    let cli: PulumiCli;
    let inUse: Usage;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        await scriptMadeDisks(servers, { cluster });
        const web = { statefulSet: "web", template: "www", replicas: 3, className: "gp3" };
        await provisionedDisks(servers, { cluster, ...web });
        inUse = await usage(servers);
        await writeFile(
            join(cli.project, "Pulumi.test.yaml"),
            `config:\n    aws:region: eu-west-1\n    zonal-persistent-storage:cluster:\n        name: ${cluster}\n`,
        );
    });
    after(() => end());

    it("end well when the same command is run again, and touch no pod", async () => {
        let killed = 0;
        for (let turn = 0; turn < kills; turn++) {
            const kill = new AbortController();
            const step = steps[turn % steps.length]!;
            const delay = delayOf(turn);
            let printed = "";
            let timer: NodeJS.Timeout | undefined;
            const { status } = await runOnStack("adopt", cli, servers, ["--all", "--yes"], {
                kill: kill.signal,
                report: (text) => {
                    printed += text;
                    timer ??= step.test(printed) ? setTimeout(() => kill.abort(), delay) : undefined;
                },
            });
            clearTimeout(timer);
            killed += status === 0 ? 0 : 1;
            assert.deepEqual(await usage(servers), inUse, `after ${String(step)} and ${delay} ms`);
            const again = await runOnStack("adopt", cli, servers, ["--all", "--yes"]);
            const said = `killed ${delay} ms after ${String(step)}:\n${printed}\n---\n${again.stdout}${again.stderr}`;
            assert.equal(again.status, 0, said);
            assert.deepEqual(await usage(servers), inUse, said);
            const names = ["manual-ebs", "www-web"];
            const released = await runOnStack("release", cli, servers, [
                ...names,
                "--former-policy",
                "--yes",
            ]);
            assert.equal(released.status, 0, released.stdout + released.stderr);
        }
        console.log(`      ${killed} of ${kills} killed`);
    });
});
