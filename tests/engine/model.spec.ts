import fc from "fast-check";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { FaultyServers } from "../../sandbox/faults";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { sequences } from "../support/model/commands";
import { endStack } from "../support/model/recovery";
import { World } from "../support/model/world";
import type { Model } from "../support/model/world";
import { Ledger } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = "model.k8s.local";

/** How long to go on with sequences that nobody has seen: `MODEL_MINUTES=60 npx mocha tests/engine/model.spec.ts`. */
const longRun = process.env["MODEL_MINUTES"];
const minutes = Number(longRun ?? 1);

/** Mostly kills, until so many updates were killed and recovered: `MODEL_KILLS=100 MODEL_MINUTES=120 npx mocha ...`. */
const kills = Number(process.env["MODEL_KILLS"] ?? 0);

/**
 * Runs a sequence again that has failed: MODEL_SEED and MODEL_PATH, as the failure's message has them. Without a time
 * the sequences are the same in every run: a change isn't blamed for what an unseen one finds.
 */
const seed = process.env["MODEL_SEED"] ?? (longRun === undefined ? "1" : undefined);

/** After any sequence of events: no volume is lost, replaced, moved or given to another ordinal. */
describe("random sequences of events with the Pulumi CLI", function () {
    this.timeout(minutes * 60_000 + 300_000);

    let servers: Servers;
    let faulty: FaultyServers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, faulty, cli, end } = await startCli(this, { sharesProcess: true }));
    });
    after(() => end());

    it("never lose, replace or move a volume", async () => {
        const verbose = process.env["MODEL_VERBOSE"] !== undefined;
        const report = (line: string) => (verbose ? console.log(`      ${line}`) : undefined);
        const ledger = new Ledger(servers, cluster);
        const world = new World(servers, faulty, cli, ledger, cluster, report);
        const deadline = Date.now() + minutes * 60_000;
        const isEnough = () => kills > 0 && Math.min(world.kills, world.recoveries.ended) >= kills;
        const isOver = () => Date.now() > deadline || isEnough();
        const run = async (commands: Iterable<fc.AsyncCommand<Model, World>>) => {
            if (!isOver()) {
                const model = await world.start();
                await fc.asyncModelRun(() => ({ model, real: world }), commands);
                await endStack(model, world);
            }
        };
        const done = fc.assert(fc.asyncProperty(sequences(40, isOver, kills > 0), run), {
            numRuns: 1000,
            endOnFailure: true,
            seed: seed === undefined ? undefined : Number(seed),
            path: process.env["MODEL_PATH"],
        });
        await done.finally(() =>
            console.log(
                `      ${world.steps} steps, ${world.kills} kills, ${world.faults} faulty answers, ${world.refusals} refusals by EC2, recoveries: ${JSON.stringify(world.recoveries)}`,
            ),
        );
    });
});
