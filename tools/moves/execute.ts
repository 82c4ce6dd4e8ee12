import { StackFile } from "../adopt/stackFile";
import { setTimeout as sleep } from "node:timers/promises";
import { MoveFrom } from "../../components/args/moveArgs";
import type { Clients } from "../inspect/clients";
import { describeVolumes } from "../inspect/ec2";
import { waitUntilDetached } from "../nodes/detached";
import { forceDeletePods } from "../nodes/forcedPods";
import { backInService, takeOutOfService } from "../nodes/outOfService";
import { refuse } from "../terminal/confirm";
import type { Outcome } from "../workloads/outcome";
import { resumeManagers, startPods as startWorkloadPods, waitUntilRunning } from "../workloads/start";
import { stopWorkload, waitUntilStopped } from "../workloads/stop";
import type { StoppedWorkload } from "../workloads/stopped";
import type { OddPod } from "../workloads/workloadPods";
import { createClaims, deleteClaims } from "./claims";
import type { Journal } from "./journal";
import type { Means } from "./means";
import { update } from "./update";

/** Pods that don't run, a line for each. */
export interface NotRunning {
    /** Those that should. */
    readonly problems: readonly string[];
    /** Those whose disks were left where they are, and those that wait for one of them. */
    readonly left: readonly string[];
}

/**
 * Moves disks. Each step finds out by itself what is left to do, so that the same command goes on after a failure.
 *
 * @throws Error with the first failure.
 */
export async function execute(journal: Journal, means: Means): Promise<NotRunning> {
    const { clients, journalFile, report } = means;
    let current = journal;
    if (!journal.isStarted) {
        await endPods(journal, means);
        report({ heading: "pulumi up" });
        await write(journal, means);
        await update(means.pulumi, journal.moves);
        current = await journalFile.write({ ...journal, isStarted: true });
    }
    const notRunning = await startPods(current, means);
    await backInService(clients, journal.lostNodes);
    return notRunning;
}

/** Ends the pods, and waits until nothing holds the disks. */
async function endPods(journal: Journal, means: Means): Promise<void> {
    const { workloads, claims, lostNodes, lostPods, moves, region } = journal;
    const { clients, report, timeoutSeconds } = means;
    if (lostNodes.length > 0) {
        report({ heading: `out of service: ${lostNodes.join(", ")}` });
        await takeOutOfService(clients, lostNodes, region);
    }
    report({ heading: "end the pods" });
    for (const workload of workloads) {
        const { done, problems } = await stopWorkload(clients, workload);
        done.forEach((line) => report(`    ${line}`));
        refuse(problems.length > 0 ? problems.join("; ") : undefined);
    }
    await forceDeletePods(clients, lostPods);
    const left = await Promise.all(
        workloads.map(async (workload) =>
            (await waitUntilStopped(clients, workload, timeoutSeconds)).map(
                ({ name, reason }) => `pod ${workload.namespace}/${name} doesn't end: ${reason}`,
            ),
        ),
    );
    refuse(left.flat().length > 0 ? left.flat().join("\n") : undefined);
    report({ heading: "wait until the volumes are detached" });
    const names = moves.map(({ name }) => name);
    await waitUntilDetached(clients, names, timeoutSeconds, ({ left, total }) =>
        report(`    ${total - left.length} of ${total}`),
    );
    await waitUntilAvailable(journal, means);
    await deleteClaims(clients, claims, timeoutSeconds);
}

/** Waits until EC2 has detached the volumes: a new snapshot of one in use would miss what is written after it. */
async function waitUntilAvailable(
    { moves, region }: Journal,
    { clients, timeoutSeconds }: Means,
): Promise<void> {
    const ids = moves
        .filter(({ settings }) => settings.from === MoveFrom.NewSnapshot)
        .map(({ volumeId }) => volumeId);
    const client = clients.ec2(region);
    const deadline = Date.now() + timeoutSeconds * 1000;
    try {
        for (;;) {
            const volumes = await describeVolumes(client, "volume-id", ids);
            const attached = volumes.filter(({ Attachments = [] }) => Attachments.length > 0);
            if (attached.length === 0) {
                return;
            }
            if (Date.now() > deadline) {
                const names = attached.map(({ VolumeId }) => VolumeId).join(", ");
                throw new Error(
                    `EC2 has not detached ${names} after ${timeoutSeconds} s: see aws ec2 describe-volumes`,
                );
            }
            await sleep(2000);
        }
    } finally {
        client.destroy();
    }
}

/** Writes the moves into the stack's file, those that it doesn't have. A program in code has them already. */
async function write({ moves }: Journal, { project, stack }: Means): Promise<void> {
    const file = await StackFile.read(project, stack);
    const missing = moves.filter(
        ({ storage, ordinal, before }) => file?.movesOf(storage, ordinal).length === before,
    );
    await file?.addMoves(missing);
}

/** Starts the pods as before, and waits until those run that can. Pods whose disks were left where they are may not. */
export async function startPods(
    { workloads, claims, leftPods }: Pick<Journal, "workloads" | "claims" | "leftPods">,
    { clients, report, timeoutSeconds }: Pick<Means, "clients" | "report" | "timeoutSeconds">,
): Promise<NotRunning> {
    await createClaims(clients, claims);
    const problems: string[] = [];
    const show = ({ done, problems: some }: Outcome) => {
        done.forEach((line) => report(`    ${line}`));
        problems.push(...some);
    };
    report({ heading: "start the pods" });
    for (const workload of workloads) {
        show(await startWorkloadPods(clients, workload));
    }
    show(await resumeManagers(clients, workloads));
    const notRunning = await Promise.all(
        workloads.map((workload) => waitUntilRest(clients, workload, new Set(leftPods), timeoutSeconds)),
    );
    return {
        problems: [...problems, ...notRunning.flatMap((one) => one.problems)],
        left: notRunning.flatMap((one) => one.left),
    };
}

/** Waits until all pods of a workload run but those that can't. */
async function waitUntilRest(
    clients: Clients,
    workload: StoppedWorkload,
    leftPods: ReadonlySet<string>,
    timeoutSeconds: number,
): Promise<NotRunning> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    const nameOf = ({ name }: OddPod) => `${workload.namespace}/${name}`;
    const lineOf = (one: OddPod) => `pod ${nameOf(one)} doesn't run: ${one.reason}`;
    for (;;) {
        const odd = await waitUntilRunning(clients, workload, 0);
        const isOver = Date.now() > deadline;
        const stuck = odd.filter((one) => leftPods.has(nameOf(one)) && (isOver || one.isUnschedulable));
        // A StatefulSet may wait with the next pod for one that can't run.
        const left = odd.filter((one) => stuck.includes(one) || (stuck.length > 0 && one.isAwaited));
        const problems = odd.filter((one) => !left.includes(one));
        if (problems.length === 0 || isOver) {
            return { problems: problems.map(lineOf), left: left.map(lineOf) };
        }
        await sleep(1000);
    }
}
