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
import { createClaims, deleteClaims } from "./claims";
import type { Journal } from "./journal";
import type { Means } from "./means";
import { update } from "./update";

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
    { workloads, claims, leftPods }: Journal,
    { clients, report, timeoutSeconds }: Means,
): Promise<string[]> {
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
    const odd = await Promise.all(
        workloads.map((workload) => waitUntilRest(clients, workload, new Set(leftPods), timeoutSeconds)),
    );
    return [...problems, ...odd.flat()];
}

/** Waits until all pods of a workload run but those that can't, and returns a line for each other. */
async function waitUntilRest(
    clients: Clients,
    workload: StoppedWorkload,
    left: ReadonlySet<string>,
    timeoutSeconds: number,
): Promise<string[]> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    const name = (pod: string) => `${workload.namespace}/${pod}`;
    for (;;) {
        const odd = await waitUntilRunning(clients, workload, 0);
        const isLeft = odd.some((one) => left.has(name(one.name)));
        // A StatefulSet may wait with the next pod for one that can't run.
        const others = odd.filter((one) => !left.has(name(one.name)) && !(isLeft && one.isAwaited));
        if (others.length === 0 || Date.now() > deadline) {
            return others.map((one) => `pod ${name(one.name)} doesn't run: ${one.reason}`);
        }
        await sleep(1000);
    }
}
