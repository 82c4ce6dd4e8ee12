import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { callsOf, DiskStack, free, up } from "../support/cli/diskStack";
import { runRecover } from "../support/tools/onStack";

/** How often to kill: `RECOVER_KILLS=20 npx mocha tests/engine/recoverKilled.spec.ts`. */
const kills = Number(process.env["RECOVER_KILLS"] ?? 2);

/** Steps of `recover` at which it is killed in turn, a random time after each. */
const steps = [/^pulumi up$/m, /^pulumi import/m, / importing| imported/, / creating| created/];

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
            // EC2 makes volumes, and nobody hears of it.
            faulty.ec2.fail("hang", {
                matching: (request) =>
                    callsOf("DescribeVolumes")(request) && !request.body.includes("created-for"),
            });
            const end = new AbortController();
            const update = stack.run(settings, up, { kill: end.signal, killsGroup: true });
            while ((await made()).length < 3) {
                await sleep(200);
            }
            end.abort();
            assert.notEqual((await update).code, 0);
            faulty.ec2.heal();
            const left = await made();

            const step = steps[turn % steps.length]!;
            const delay = Math.random() * 3000;
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
            assert.equal(again.status, 0, said);
            assert.deepEqual(await made(), left, said);
            assert.deepEqual(Object.values(await stack.handles()).sort(), left, said);
            assert.deepEqual((await stack.run(settings, ["preview"])).steps, [], said);
            console.log(`      ${first.status === 0 ? "not killed" : "killed"} after ${String(step)}`);
            await cli.run(["destroy", "--yes", "--skip-preview"]);
        }
    });
});
