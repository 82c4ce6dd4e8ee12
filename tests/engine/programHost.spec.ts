import assert from "node:assert/strict";
import { join } from "node:path";
import type { CommandResult, PulumiCli } from "../../sandbox/engine/cli";
import { startCli } from "../support/cli/cli";
import { withHost } from "../support/cli/programHost";
import { firstStart, project, stackConfig } from "../support/cluster/sandbox";

/** The process that other tests share for their programs, beside the process that the CLI starts for one. */
describe("program host with the Pulumi CLI", function () {
    this.timeout(120_000);

    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const main = join(project, "tests/support/cli/mistakes/index.ts");
        ({ cli, end } = await startCli(this, { main, sharesProcess: true }));
    });
    after(() => end());

    const severities: readonly string[] = ["info", "info#err", "warning", "error"];
    /** All that a command says about a program, without the positions in a stack trace. */
    const said = ({ code, events }: CommandResult) => ({
        code,
        messages: events.flatMap(({ diagnosticEvent: it }) =>
            it && severities.includes(it.severity) && it.ephemeral !== true
                ? [`${it.severity} ${it.urn?.split("::").at(-1)} ${it.message.replace(/^\s+at .*\n/gm, "")}`]
                : [],
        ),
        resources: events
            .flatMap(({ resourcePreEvent: it }) => (it ? [`${it.metadata.op} ${it.metadata.urn}`] : []))
            .sort(),
        changes: events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges,
        outputs: events.flatMap(({ resOutputsEvent: it }) => it?.metadata.new?.outputs ?? []),
    });

    for (const [ending, isGood] of [
        ["without an error", true],
        ["with a warning", true],
        ["with a RunError", false],
        ["with an exception", false],
        ["with something thrown that is no error", false],
        ["with a rejected promise", false],
        ["with two errors", false],
    ] as const) {
        it(`gives the CLI what a process of its own gives when a program ends ${ending}`, async () => {
            // Pulumi.yaml demands the others.
            await cli.configure(stackConfig({ ending, cluster: {}, storages: {} }));
            const [own, shared] = [
                said(await cli.run(["preview"], { ownProcess: true })),
                said(await cli.run(["preview"], { ownProcess: false })),
            ];
            assert.equal(own.code === 0, isGood, JSON.stringify(own));
            assert.ok(own.resources.length > 0, "the program runs");
            assert.equal(own.messages.length > 0, ending !== "without an error");
            assert.deepEqual(shared, own);
        });
    }

    it("is used by a CLI that has its address in the environment, as those that our commands start", async () => {
        const nobody = { PULUMI_OPTION_CLIENT: "127.0.0.1:1" };
        const { code, stderr } = await cli.run(["preview"], { ownProcess: true, environment: nobody });
        assert.notEqual(code, 0);
        assert.match(stderr, /127\.0\.0\.1:1: connect: connection refused/);
        await cli.configure(stackConfig({ ending: "without an error", cluster: {}, storages: {} }));
        const { PULUMI_OPTION_CLIENT } = await withHost(cli, process.env);
        const shared = await cli.run(["preview"], {
            ownProcess: true,
            environment: { PULUMI_OPTION_CLIENT },
        });
        assert.equal(shared.code, 0, shared.stderr);
    });
});
