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
    /** The result if its goal is reached already. */
    readonly nothingToDo?: string;
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
    const stack = await pulumi.stackName();
    const project = await findProject();
    const journalFile = new JournalFile(project, stack);
    const timeoutSeconds = (options.timeout ?? 10) * 60;
    const means: Means = { clients, pulumi, project, stack, journalFile, report, timeoutSeconds };
    const found = await journalFile.read();
    const isOther = found !== undefined && wordsOf(found.command) !== wordsOf(command.words);
    if (found) {
        throwIfNotNow(found, isOther, options);
        throwIfElsewhere(found, clients.kubeConfig().getCurrentContext());
    }
    const journal = found && !options.dryRun ? await journalFile.take(found) : found;
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
        return finish(journal, means);
    }
    const world = await readWorld(pulumi, clients, { ...options, stack });
    const goal = command.goalOf(world);
    if (goal.groups.length === 0) {
        const verdict = command.nothingToDo ?? "no disk was asked for";
        return { status: 0, json: { moves: [], left: [] }, unseen: [], lines: [], verdict };
    }
    const plan = await planFor(world, goal, options, clients);
    describeMoves(plan, world.at).forEach(report);
    if (plan.moves.length === 0) {
        throw new Error(
            "nothing was done: no disk can be moved, for the reasons above; remove one of them, then run the same command again",
        );
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
    let waiting: readonly string[] = [];
    try {
        const notRunning = await execute(journal, means);
        const problems = [...notRunning.problems, ...(await verify(journal, means))];
        if (problems.length > 0) {
            throw new Error([...problems, ...notRunning.left].join("\n"));
        }
        waiting = notRunning.left;
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
            waiting,
        },
        unseen: [],
        lines: waiting,
        verdict: [
            `${counted(moves.length, "disk")} moved${waiting.length === 0 ? ", and their pods run" : ""}`,
            ...(left.length === 0 ? [] : [`left where they are: ${left.join(", ")}`]),
            ...(waiting.length === 0 ? [] : [`not running: ${counted(waiting.length, "pod")}, see above`]),
        ].join("; "),
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
    const { problems, left } = await execute(journal, { ...means, timeoutSeconds: 0 });
    [...problems, ...left].forEach((line) => means.report(`    ${line}`));
    await means.journalFile.remove();
}

/** A command with its arguments, as it is given. */
function wordsOf(words: readonly string[]): string {
    return words.join(" ");
}

/** Before the pods are started, only the command that ended them goes on. */
function throwIfNotNow(
    { command, startedAt, isStarted, givenUp }: Journal,
    isOther: boolean,
    { undo: isUndone }: MoveOptions,
): void {
    if (isOther && !isStarted && !isUndone) {
        throw new Error(
            `"${wordsOf(command)}" of ${startedAt} isn't at its end: run ${ownCommand(wordsOf(command))} again to go on, or add --undo to go back`,
        );
    }
    if (givenUp && !isUndone) {
        throw new Error(`"${wordsOf(command)}" of ${startedAt} is going back: run it again with --undo`);
    }
}

/** A command goes on in the cluster in which it has ended the pods. */
function throwIfElsewhere(journal: Journal, context: string): void {
    if (journal.context !== context) {
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
        journal && !journal.isStarted && !options.dryRun
            ? settleAttempts(journal, means, options.undo ?? false)
            : undefined;
    const isLocked = await hasDeadLock(pulumi, clients);
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
