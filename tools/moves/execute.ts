import type { Project } from "../engine/project";
import type { Pulumi } from "../engine/pulumi";
import { StackFile } from "../adopt/stackFile";
import type { Clients } from "../inspect/clients";
import { backInService, forceDeletePods, takeOutOfService, waitUntilDetached } from "../nodes/lostNodes";
import { startWorkload, waitUntilRunning } from "../workloads/start";
import { stopWorkload, waitUntilStopped } from "../workloads/stop";
import type { Line } from "../terminal/answer";
import { createClaims, deleteClaims } from "./claims";
import type { Journal, JournalFile } from "./journal";
import { update } from "./update";

/** Access, and where the settings are. */
export interface Means {
    readonly clients: Clients;
    readonly pulumi: Pulumi;
    readonly project: Project;
    readonly stack: string;
    readonly journalFile: JournalFile;
    readonly report: (line: Line) => void;
    /** Longest time for pods to end and to start. */
    readonly timeoutSeconds: number;
}

/**
 * Moves disks. Each step finds out by itself what is left to do, so that the same command goes on after a failure.
 *
 * @returns problems of pods that don't run again.
 * @throws Error with the first failure.
 */
export async function execute(journal: Journal, means: Means): Promise<string[]> {
    const { clients, journalFile, report } = means;
    let current = journal;
    if (!journal.isStarted) {
        await endPods(journal, means);
        report({ heading: "pulumi up" });
        await write(journal, means);
        await update(means.pulumi, journal.moves);
        current = await journalFile.write({ ...journal, isStarted: true });
    }
    const problems = await startPods(current, means);
    await backInService(clients, journal.lostNodes);
    return problems;
}

/** Ends the pods, and waits until nothing holds the disks. */
async function endPods({ workloads, claims, lostNodes, lostPods, moves }: Journal, means: Means): Promise<void> {
    const { clients, report, timeoutSeconds } = means;
    if (lostNodes.length > 0) {
        report({ heading: `out of service: ${lostNodes.join(", ")}` });
        await takeOutOfService(clients, lostNodes);
    }
    for (const workload of workloads) {
        report({ heading: `end ${workload.kind} ${workload.namespace}/${workload.name}` });
        await stopWorkload(clients, workload);
    }
    await forceDeletePods(clients, lostPods);
    await Promise.all(workloads.map((workload) => waitUntilStopped(clients, workload, timeoutSeconds)));
    report({ heading: "wait until the volumes are detached" });
    await waitUntilDetached(clients, moves.map(({ name }) => name), timeoutSeconds, report);
    await deleteClaims(clients, claims, timeoutSeconds);
}

/** Writes the moves into the stack's file, those that it doesn't have. A program in code has them already. */
async function write({ moves }: Journal, { project, stack }: Means): Promise<void> {
    const file = await StackFile.read(project, stack);
    const missing = moves.filter(({ storage, ordinal, before }) => file?.movesOf(storage, ordinal).length === before);
    await file?.addMoves(missing);
}

/** Starts the pods as before. */
export async function startPods({ workloads, claims }: Journal, means: Means): Promise<string[]> {
    const { clients, report, timeoutSeconds } = means;
    await createClaims(clients, claims);
    for (const workload of workloads) {
        report({ heading: `start ${workload.kind} ${workload.namespace}/${workload.name}` });
        await startWorkload(clients, workload);
    }
    const problems = await Promise.all(
        workloads.map((workload) => waitUntilRunning(clients, workload, timeoutSeconds)),
    );
    return problems.flat();
}
