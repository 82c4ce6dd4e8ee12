import { stdout } from "node:process";
import type { MoveFrom } from "../../components/args/moveArgs";
import { hasDeadLock } from "../engine/lock";
import { findProject } from "../engine/project";
import { Pulumi, stdoutOrThrow } from "../engine/pulumi";
import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import { deploymentOf } from "../inspect/state";
import type { Target } from "../inspect/target";
import { recover } from "../recover/recover";
import { printed } from "../terminal/answer";
import type { Answer, Line } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { Failure } from "../terminal/commandLine";
import { confirm } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { describeArgs, describeMoves, describeSteps } from "./describe";
import { execute } from "./execute";
import type { Means } from "./means";
import type { Goal } from "./goal";
import { JournalFile } from "./journal";
import type { Journal } from "./journal";
import { newJournal, recorded } from "./newJournal";
import { planFor } from "./plan";
import type { Plan } from "./plan";
import { settleAttempts } from "./settle";
import { undo } from "./undo";
import { hasMoves, pendingSteps } from "./update";
import { verify } from "./verify";
import { readWorld } from "./world";
import type { World } from "./world";

/** Options of every command that moves disks. */
export interface MoveOptions extends Target, ConfirmOptions {
    readonly to?: readonly string[];
    readonly from?: MoveFrom;
    /** Resources whose controllers a person has paused, such as `Kafka/shop/events`. */
    readonly paused?: readonly string[];
    /** Longest time for pods to end and to start, in minutes. */
    readonly timeout?: number;
    readonly undo?: boolean;
    readonly json?: boolean;
}

/** A command that moves disks. */
export interface Command {
    /** Its name and arguments, by which it is found again after an interruption. */
    readonly words: readonly string[];
    readonly goalOf: (world: World) => Goal;
}

/** Moves disks: shows the plan, asks, and does it, or goes on with what was interrupted. */
export async function moveDisks(command: Command, options: MoveOptions & Access): Promise<Answer> {
    const report = (line: Line) => (options.json ? console.error : console.log)(printed(line));
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack, the cluster and EC2 ...");
    const stack = options.stack ?? stdoutOrThrow(await pulumi.ask(["stack", "--show-name"])).trim();
    const project = await findProject();
    const journalFile = new JournalFile(project, stack);
    const timeoutSeconds = (options.timeout ?? 10) * 60;
    const means: Means = { clients, pulumi, project, stack, journalFile, report, timeoutSeconds };
    const journal = await journalFile.read();
    const isOther = journal !== undefined && wordsOf(journal.command) !== wordsOf(command.words);
    if (isOther && !journal.isStarted && !options.undo) {
        throw new Error(
            `"${wordsOf(journal.command)}" of ${journal.startedAt} isn't at its end: run ${ownCommand(wordsOf(journal.command))} again to go on, or add --undo to go back`,
        );
    }
    if (journal?.givenUp && !options.undo) {
        throw new Error(
            `"${wordsOf(journal.command)}" of ${journal.startedAt} is going back: run it again with --undo`,
        );
    }
    throwIfElsewhere(journal, clients.kubeConfig().getCurrentContext());
    await endInterrupted(options, means, journal);
    if (options.undo) {
        return undo(journal, options, means);
    }
    if (journal && isOther) {
        await leaveStarted(journal, options, means);
    } else if (journal) {
        report({ heading: `going on with ${journal.command.join(" ")} of ${journal.startedAt}` });
        if (options.dryRun) {
            await confirm(options);
        }
        return finish(await journalFile.take(journal), means);
    }
    const world = await readWorld(pulumi, clients, { ...options, stack });
    const plan = await planFor(world, command.goalOf(world), options, clients);
    describeMoves(plan, world.at).forEach(report);
    if (plan.moves.length === 0) {
        throw new Error("nothing was done: no disk can be moved");
    }
    if (!world.stackFile) {
        describeArgs(plan.moves).forEach(report);
    }
    describeSteps(plan, world.stackFile?.name).forEach(report);
    await confirm(options);
    await throwIfNotReady(plan, world, pulumi);
    return finish(await journalFile.begin(await newJournal(command.words, plan, world, clients)), means);
}

async function finish(journal: Journal, means: Means): Promise<Answer> {
    try {
        const problems = [...(await execute(journal, means)), ...(await verify(journal, means))];
        if (problems.length > 0) {
            throw new Error(problems.join("\n"));
        }
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const { isStarted } = (await means.journalFile.read()) ?? journal;
        const wayBack = isStarted ? ", or move the disks back with move" : ", or go back with --undo";
        throw new Failure(
            `${reason}\nno data is lost: correct the cause, then run the same command again: it goes on${wayBack}`,
        );
    }
    await means.journalFile.remove();
    const { moves, left } = journal;
    return {
        status: left.length === 0 ? 0 : 1,
        json: {
            moves: moves.map(({ name, zone, volumeId }) => ({ disk: name, zone, from: volumeId })),
            left,
        },
        unseen: [],
        lines: [],
        verdict: `${counted(moves.length, "disk")} moved, and all pods run${left.length === 0 ? "" : `; left where they are: ${left.join(", ")}`}`,
    };
}

/**
 * Leaves a command whose disks are moved and whose pods are started, but don't all run: the next one may be what helps
 * them.
 */
async function leaveStarted(journal: Journal, options: MoveOptions, means: Means): Promise<void> {
    if (options.dryRun) {
        return;
    }
    means.report({ heading: `before: ${wordsOf(journal.command)} of ${journal.startedAt}` });
    const problems = await execute(await means.journalFile.take(journal), { ...means, timeoutSeconds: 0 });
    problems.forEach((problem) => means.report(`    ${problem}`));
    await means.journalFile.remove();
}

/** A command with its arguments, as it is given. */
function wordsOf(words: readonly string[]): string {
    return words.join(" ");
}

/** A command goes on in the cluster in which it has ended the pods. */
function throwIfElsewhere(journal: Journal | undefined, context: string): void {
    if (journal && journal.context !== context) {
        throw new Error(
            `--context must be ${journal.context}, where ${journal.command.join(" ")} was begun, got ${context}`,
        );
    }
}

/** Ends an update that was interrupted: the state wouldn't tell what there is. */
async function endInterrupted(
    options: MoveOptions & Access,
    means: Means,
    journal: Journal | undefined,
): Promise<void> {
    const { pulumi, clients, stack, report } = means;
    const settle = () =>
        journal && !journal.isStarted ? settleAttempts(journal, means, options.undo ?? false) : undefined;
    const isLocked = await hasDeadLock(pulumi, clients, options.stack);
    const exported = stdoutOrThrow(await pulumi.ask(["stack", "export"]));
    const { pending_operations: pending = [] } = deploymentOf(exported, "the state");
    await settle();
    if (!isLocked && pending.length === 0) {
        return;
    }
    report({ heading: "an update was interrupted: it is ended first, by recover" });
    const again = () => recover({ ...options, stack, yes: options.yes ?? journal !== undefined });
    try {
        await again();
    } catch (error) {
        if (!journal || options.dryRun) {
            throw error;
        }
        // It may have found a volume of which the state didn't know.
        await settle();
        await again();
    }
}

/** Looks whether the update can be made, before a pod is ended. */
async function throwIfNotReady({ moves }: Plan, { stackFile }: World, pulumi: Pulumi): Promise<void> {
    progress("previewing ...");
    if (!stackFile) {
        if (!(await hasMoves(pulumi, moves.map(recorded)))) {
            throw new Error(
                "nothing was done: the program has its storages in code; add the above to it, then run the same command again",
            );
        }
        return;
    }
    const pending = await pendingSteps(pulumi);
    if (pending.length > 0) {
        throw new Error(
            `nothing was done: the settings have changes that are not made yet, run pulumi up first: ${pending.join(", ")}`,
        );
    }
}
