import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { PulumiCli } from "../sandbox/engine/cli";
import { sdkVersion } from "../sandbox/providers/provider";
import { startReplay } from "../sandbox/replay";
import { startServers } from "../sandbox/servers";
import type { Servers } from "../sandbox/servers";
import { countCalls } from "./calls";
import { cli, cliWithPreview, floor, script, standIn } from "./contestants";
import type { Case, Contestant, Durations } from "./contestants";
import { floorTable, median, resultTable } from "./result";
import type { CaseResult, Result } from "./result";
import { checkDisks, removeDisks, startNodes } from "./world";

const allCases: readonly Case[] = [
    { volumes: 3, nodes: 3 },
    { volumes: 20, nodes: 3 },
    { volumes: 100, nodes: 3 },
    { volumes: 500, nodes: 3 },
    { volumes: 3, nodes: 500 },
    { volumes: 3, nodes: 5000 },
];

const { values: options } = parseArgs({
    options: {
        /** Runs of each contestant and case. */
        rounds: { type: "string", default: "5" },
        /** Largest case. */
        "max-volumes": { type: "string", default: "500" },
        "max-nodes": { type: "string", default: "5000" },
        /** Folder for the results. */
        output: { type: "string", default: join(__dirname, "..", ".sandbox", "bench") },
    },
});

/** `npm run bench`: times the script and the program in turn, in one sandbox. */
async function bench(): Promise<void> {
    const cases = allCases.filter(
        ({ volumes, nodes }) =>
            volumes <= Number(options["max-volumes"]) && nodes <= Number(options["max-nodes"]),
    );
    const { versions, contestants } = await findContestants();
    const directory = await mkdtemp(join(tmpdir(), "bench-servers-"));
    const started = await startServers({ directory, mode: "attached", report: console.log });
    const replay = await startReplay(started);
    const environment = { ...started.environment, AWS_ENDPOINT_URL: replay.servers.ec2Endpoint };
    const servers = { ...replay.servers, environment };
    const save = (result: Result) => {
        mkdirSync(options.output, { recursive: true });
        writeFileSync(join(options.output, "result.json"), `${JSON.stringify(result, null, 4)}\n`);
    };
    try {
        for (const nodes of new Set(cases.map((one) => one.nodes))) {
            await startNodes(started, nodes);
        }
        const calls = await countCalls(started, cases[0] as Case);
        const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
        let result: Result = {
            date: new Date().toISOString().slice(0, 10),
            machine,
            versions,
            cases: [],
            calls,
        };
        for (const one of cases) {
            result = { ...result, cases: [...result.cases, await compare(servers, one, contestants)] };
            save(result);
        }
        console.log(`\n${resultTable(result)}\n\n${floorTable(result)}\n\nin ${options.output}: result.json`);
    } finally {
        await replay.stop();
        await started.stop();
        await rm(directory, { recursive: true, force: true });
    }
}

/**
 * Runs every contestant once a round, after a warm-up round that doesn't count. The script is timed once if its loop is
 * long, and not at all if it takes minutes.
 */
async function compare(
    servers: Servers,
    one: Case,
    contestants: Readonly<Record<string, Contestant>>,
): Promise<CaseResult> {
    // Runs of minutes vary less, and need no warm-up.
    const isLong = one.volumes > 100;
    const rounds = isLong ? 1 : Number(options.rounds);
    const taken: Record<string, number[]> = {};
    for (let round = isLong ? 1 : 0; round <= rounds; round++) {
        for (const [name, contestant] of Object.entries(contestants)) {
            if (name === "script" && (isLong || (one.volumes > 20 && round !== 1))) {
                continue;
            }
            const times = await contestant(servers, one);
            await checkDisks(servers, one.volumes);
            await removeDisks(servers);
            if (round > 0) {
                note(taken, times);
            }
            console.log(
                `${one.volumes} volumes, ${one.nodes} nodes, round ${round}: ${Object.entries(times)
                    .map(([what, figure]) => `${what} ${figure.toFixed(2)}`)
                    .join(", ")}`,
            );
        }
    }
    return {
        ...one,
        medians: Object.fromEntries(Object.entries(taken).map(([what, values]) => [what, median(values)])),
        runs: Object.fromEntries(Object.entries(taken).map(([what, values]) => [what, values.length])),
    };
}

function note(taken: Record<string, number[]>, times: Durations): void {
    for (const [what, figure] of Object.entries(times)) {
        (taken[what] ??= []).push(figure);
    }
}

/** Contestants whose programs are installed. Reports the others. */
async function findContestants() {
    const tools = { aws: ["--version"], jq: ["--version"], kubectl: ["version", "--client"] };
    const found = await Promise.all(
        Object.entries(tools).map(async ([tool, args]) => {
            const printed = await promisify(execFile)(tool, args).catch(() => undefined);
            return [tool, printed?.stdout.split("\n")[0]?.trim()] as const;
        }),
    );
    const missing = found.filter(([, version]) => version === undefined).map(([tool]) => tool);
    const pulumi = await PulumiCli.version();
    if (missing.length > 0) {
        console.log(`without the script, which needs ${missing.join(", ")}`);
    }
    if (pulumi === undefined) {
        console.log("without the Pulumi CLI, which was not found");
    }
    const contestants = {
        ...(missing.length === 0 && { script }),
        "stand-in": standIn,
        ...(pulumi !== undefined && { floor, cli, cliWithPreview }),
    };
    const versions = {
        node: process.version,
        "@pulumi/aws": sdkVersion("aws"),
        "@pulumi/kubernetes": sdkVersion("kubernetes"),
        ...(pulumi !== undefined && { pulumi }),
        ...Object.fromEntries(found.flatMap(([tool, version]) => (version ? [[tool, version]] : []))),
    };
    return { contestants, versions };
}

void bench();
