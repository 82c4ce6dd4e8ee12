import { rmSync } from "node:fs";
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { printable } from "../../components/validation/problems";
import { environmentClients } from "../inspect/clients";
import { parseOptions, printError, usageError } from "../terminal/commandLine";
import { bold, progress, verdict } from "../terminal/colours";
import { damagedFiles, locksIn } from "./backend";
import { execute } from "./execute";
import { findStateFolder, hasUpdateInProgress, readEvidence } from "./evidence";
import { planOf, runningUpdate } from "./plan";
import type { Plan } from "./plan";
import { Pulumi } from "./pulumi";

const usage = "npm run recover -- [--stack <name>] [--yes | --dry-run] [--json]";

interface Options {
    readonly stack?: string;
    readonly yes?: boolean;
    readonly "dry-run"?: boolean;
    readonly json?: boolean;
}

type Report = (line: string, style?: (text: string) => string) => void;

/** A failure after some steps were executed. */
class Failure extends Error {}

/** `npm run recover`: ends an update that was interrupted. */
async function main(): Promise<number> {
    const options = readOptions();
    // With --json the standard output has nothing but the result.
    const report: Report = (line, style = (text) => text) =>
        (options.json ? console.error : console.log)(style(printable(line)));
    const clients = environmentClients();
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack's state, its lock, the cluster and EC2 ...");
    const folder = await findStateFolder(pulumi, options.stack, clients);
    const locks = folder ? locksIn(folder) : [];
    refuse(runningUpdate(locks));
    const damaged = folder ? damagedFiles(folder) : [];
    if (damaged.length > 0) {
        damaged.forEach((file) =>
            report(`an interrupted update left ${file}, which isn't part of the state`),
        );
        report("    delete it, and read again");
        await confirm(options);
        damaged.forEach((file) => rmSync(file, { force: true }));
    }

    const wasCancelled = folder === undefined && (await hasUpdateInProgress(pulumi));
    if (wasCancelled) {
        report("the backend reports an update of the stack in progress", bold);
        report("    pulumi cancel, and read again");
        await confirm(options, "only the person who started it can tell whether it has ended");
        const { code } = await pulumi.do(["cancel", "--yes"]);
        refuse(code === 0 ? undefined : "pulumi cancel failed, see above");
    }
    const evidence = await readEvidence(pulumi, clients, folder, { locks, wasCancelled });
    const plan = planOf(evidence);
    if (!options.json) {
        show(plan, report);
    }
    const isRepaired = damaged.length > 0 && plan.found.length === 0;
    if (isRepaired) {
        return end(options, plan, "the state can be read again; nothing else was interrupted");
    }
    refuse(plan.refusal);
    await confirm(options, plan.doubt);
    const done = execute(plan, evidence, pulumi, clients, (line) => report(line, bold));
    const how = await done.catch((error: unknown) => {
        throw new Failure(error instanceof Error ? error.message : String(error));
    });
    return end(options, plan, how);
}

function end({ json }: Options, plan: Plan, text: string): number {
    console.log(json ? JSON.stringify({ ...plan, ended: true }, undefined, 2) : verdict(true, text));
    return 0;
}

function show({ found, steps, notes }: Plan, report: Report): void {
    found.forEach((line) => report(line, bold));
    steps.forEach(({ text }) => report(`    ${text}`));
    notes.forEach((line) => report(line));
}

function refuse(reason: string | undefined): void {
    if (reason !== undefined) {
        throw new Error(reason);
    }
}

/** Asks whether to go on. Throws unless the answer is yes. */
async function confirm(options: Options, doubt?: string): Promise<void> {
    if (options["dry-run"]) {
        throw new Error("nothing was done: --dry-run");
    }
    const isTerminal = stdin.isTTY && stdout.isTTY;
    if (doubt !== undefined && (options.yes || !isTerminal)) {
        refuse(`${doubt}: make sure of it, then pulumi cancel, then npm run recover`);
    }
    if (options.yes) {
        return;
    }
    if (!isTerminal) {
        throw new Error("nothing was done: this isn't a terminal to ask in, give --yes");
    }
    const terminal = createInterface({ input: stdin, output: stdout, terminal: false });
    const answer = await terminal.question(`${doubt === undefined ? "" : `${doubt}.\n`}do this? (yes/no) `);
    terminal.close();
    if (answer.trim() !== "yes") {
        throw new Error("nothing was done");
    }
}

function readOptions(): Options {
    const flag = { type: "boolean" } as const;
    const options = { stack: { type: "string" }, yes: flag, "dry-run": flag, json: flag } as const;
    const values = parseOptions(process.argv.slice(2), options, usage);
    if (values.yes && values["dry-run"]) {
        throw usageError("--dry-run can't be combined with --yes", usage);
    }
    return values;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(error instanceof Failure ? 1 : 2);
    },
);
