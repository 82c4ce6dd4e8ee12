import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { startCli } from "../support/cli/cli";
import type { CliSandbox } from "../support/cli/cli";
import { failures } from "../support/everyRequest/requests";
import type { Position } from "../support/everyRequest/requests";
import { scenarios } from "../support/everyRequest/scenarios";
import type { Scenario } from "../support/everyRequest/scenarios";
import { readState, Trial } from "../support/everyRequest/trial";
import { firstStart } from "../support/cluster/sandbox";
import { seed as commonSeed } from "../support/chance";

/**
 * All positions of all scenarios, or of those whose names match: `EVERY_REQUEST=1` or `EVERY_REQUEST=renamed`. Takes
 * hours; without it two positions of one scenario are tried.
 */
const wanted = process.env["EVERY_REQUEST"];
const isAll = wanted !== undefined;

/** Chooses the scenario and the positions that are tried otherwise. */
const seed = Number(process.env["EVERY_REQUEST_SEED"] ?? commonSeed);
const sample = 2;

/** A file that gets a line for each trial. */
const log = process.env["EVERY_REQUEST_LOG"];

/** Whichever request fails, before its effect or after it: repeating the command ends well, and nothing is lost. */
describe("one request fails, with the Pulumi CLI", function () {
    this.timeout(240_000);

    let sandbox: CliSandbox;
    let state = "";
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        sandbox = await startCli(this, { sharesProcess: true });
        ({ end } = sandbox);
        state = await readState(sandbox);
    });
    after(() => end());

    chosen().forEach((scenario) =>
        it(`in a storage that ${scenario.name}: ${isAll ? "all" : `${sample} (EVERY_REQUEST_SEED=${seed})`} of them`, async function () {
            const clean = await Trial.start(sandbox, scenario, state);
            const result = await clean.run();
            const { writes } = clean;
            assert.equal(result.code, 0, result.text);
            await clean.converge(result);
            const positions = isAll ? allOf(writes) : someOf(allOf(writes));
            this.timeout(positions.length * 240_000);
            report(`${scenario.name}: ${writes.length} requests: ${writes.join(", ")}`);

            const broken: string[] = [];
            for (const position of positions) {
                const problem = await tryOne(scenario, position);
                if (problem !== undefined) {
                    broken.push(problem);
                }
            }
            report(
                `${scenario.name}: ${writes.length} requests, ${positions.length} failures, ${positions.length - broken.length} converged, ${broken.length} broken`,
            );
            assert.deepEqual(broken, []);
        }),
    );

    async function tryOne(scenario: Scenario, position: Position): Promise<string | undefined> {
        const trial = await Trial.start(sandbox, scenario, state);
        let outcome = "converged";
        try {
            const result = await trial.run(position);
            await trial.converge(result);
        } catch (error) {
            outcome = `broken: ${error instanceof Error ? error.message : String(error)}`;
        }
        const request = trial.writes[position.number - 1] ?? "no request";
        const title = `${position.number} (${request}) fails, ${position.failure}`;
        report(`${scenario.name}: ${title}: ${trial.commands.join("; ")}: ${outcome}`);
        return outcome === "converged" ? undefined : `${title}: ${outcome}`;
    }

    function report(line: string): void {
        if (log !== undefined) {
            appendFileSync(log, `${line}\n`);
        }
    }
});

function chosen(): Scenario[] {
    if (!isAll) {
        return [scenarios[seed % scenarios.length]!];
    }
    return scenarios.filter(({ name }) => wanted === "1" || new RegExp(wanted).test(name));
}

function allOf(writes: readonly string[]): Position[] {
    return writes.flatMap((name, index) =>
        failures
            // To the cluster, nothing is sent again.
            .filter((failure) => failure !== "answer lost" || /^[A-Z][a-z]/.test(name))
            .map((failure) => ({ number: index + 1, failure })),
    );
}

function someOf(positions: readonly Position[]): Position[] {
    const first = Math.floor(seed / scenarios.length) % positions.length;
    return Array.from(
        { length: sample },
        (_, index) => positions[(first + index * Math.ceil(positions.length / sample)) % positions.length]!,
    );
}
