import { rmSync } from "node:fs";
import { stdout } from "node:process";
import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import { printed } from "../terminal/answer";
import type { Answer, Line } from "../terminal/answer";
import { confirm, refuse } from "../terminal/confirm";
import type { Doubt } from "../terminal/confirm";
import { Failure } from "../terminal/commandLine";
import { progress } from "../terminal/colours";
import { ownCommand } from "../terminal/ownCommand";
import { damagedFiles, locksIn } from "../engine/backend";
import { execute } from "./execute";
import { findStateFolder } from "../engine/project";
import { hasUpdateInProgress, readEvidence } from "./evidence";
import { planOf, runningUpdate } from "./plan";
import type { Plan } from "./plan";
import { Pulumi } from "../engine/pulumi";

/** Options of `recover`. */
export interface RecoverOptions {
    readonly stack?: string;
    readonly yes?: boolean;
    readonly dryRun?: boolean;
    readonly json?: boolean;
}

/** Ends an update that was interrupted. It reports each step before it is done. */
export async function recover(options: RecoverOptions & Access): Promise<Answer> {
    // With --json the standard output has nothing but the result.
    const report = (line: Line) => (options.json ? console.error : console.log)(printed(line));
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack's state, its lock, the cluster and EC2 ...");
    const folder = await findStateFolder(pulumi, clients);
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
        report({ heading: "the backend reports an update of the stack in progress" });
        report("    pulumi cancel, and read again");
        await confirm(options, notTold("only the person who started it can tell whether it has ended"));
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
        return ended(plan, "the state can be read again; nothing else was interrupted");
    }
    refuse(plan.refusal);
    await confirm(options, plan.doubt === undefined ? undefined : notTold(plan.doubt));
    const done = execute(plan, evidence, pulumi, clients, (line) => report({ heading: line }));
    const how = await done.catch((error: unknown) => {
        throw new Failure(error instanceof Error ? error.message : String(error));
    });
    return ended(plan, how);
}

function ended(plan: Plan, verdict: string): Answer {
    return { status: 0, json: { ...plan, ended: true }, unseen: [], lines: [], verdict };
}

function show({ found, steps, notes }: Plan, report: (line: Line) => void): void {
    found.forEach((line) => report({ heading: line }));
    steps.forEach(({ text }) => report(`    ${text}`));
    notes.forEach((line) => report(line));
}

/** A question that only a person can answer, and how to go on without one. */
function notTold(question: string): Doubt {
    return { question, wayOut: `make sure of it, then pulumi cancel, then ${ownCommand("recover")}` };
}
