import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import type { Request } from "../../sandbox/faults";
import { delayOf } from "../support/chance";
import { callsOf, DiskStack, free } from "../support/cli/diskStack";
import { runRecover } from "../support/tools/onStack";

/** How often to kill: `RECOVER_KILLS=20 npx mocha tests/engine/recoverKilled.spec.ts`. */
const kills = Number(process.env["RECOVER_KILLS"] ?? 2);

/** Steps of `recover` at which it is killed in turn, some time after each. */
const steps = [/^pulumi up: /m, /^pulumi import/m, / importing| imported/, / creating| created/];

/** `kill -9` of `recover` and its child processes: the same command ends well. */
describe("killed recoveries with the Pulumi CLI", function () {
    this.timeout(kills * 240_000);

    const stack = new DiskStack();
    stack.useInSuite();

    const settings = {
        cluster: { name: "proyecto.k8s.local" },
        storages: { data: { count: 3, volume: { sizeGiB: 1 }, ...free } },
    };
    const made = async () => {
        const Filters = [{ Name: "tag-key", Values: ["kubernetes.io/created-for/pv/name"] }];
        const { Volumes = [] } = await stack.ec2.send(new DescribeVolumesCommand({ Filters }));
        return Volumes.map(({ VolumeId }) => String(VolumeId)).sort();
    };

    it("end well when the same command is run again, and make no volume twice", async () => {
        for (let turn = 0; turn < kills; turn++) {
            const { faulty, cli } = stack.sandbox;
            const unanswered = (request: Request) =>
                callsOf("DescribeVolumes")(request) && !request.body.includes("created-for");
            const left = await stack.killedOnceMade(settings, unanswered, made, 3);

            const step = steps[turn % steps.length]!;
            const delay = delayOf(turn);
            const kill = new AbortController();
            let [printed, isSeen] = ["", false];
            const first = await runRecover(cli, faulty.servers, ["--yes"], {
                kill: kill.signal,
                report: (text) => {
                    printed += text;
                    if (!isSeen && step.test(printed)) {
                        isSeen = true;
                        setTimeout(() => kill.abort(), delay);
                    }
                },
            });
            const again = first.status === 0 ? first : await runRecover(cli, faulty.servers, ["--yes"]);
            const said = `killed ${delay} ms after ${String(step)}:\n${printed}\n---\n${again.stdout}${again.stderr}`;
            // It was killed in its last preview, when the update had ended.
            const hasEnded = again.status === 2 && again.stderr.startsWith("nothing was interrupted");
            assert.ok(again.status === 0 || hasEnded, said);
            assert.deepEqual(await made(), left, said);
            assert.deepEqual(Object.values(await stack.handles()).sort(), left, said);
            assert.deepEqual((await stack.run(settings, ["preview"])).steps, [], said);
            console.log(`      ${first.status === 0 ? "not killed" : "killed"} after ${String(step)}`);
            await cli.run(["destroy", "--yes", "--skip-preview"]);
        }
    });
});
