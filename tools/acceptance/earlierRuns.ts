import { verdict } from "../terminal/colours";
import { confirm, leftoverLines, removalFailureLines } from "./announcement";
import type { Options } from "./arguments";
import { findLeftovers, removeRuns } from "./leftovers";
import type { Leftover, Place } from "./leftovers";
import { RunFolder } from "./runFolder";

/** Receives the progress, line by line. */
export type Report = (line: string) => void;

/** Other runs in a place, and their leftovers. */
export interface EarlierRuns {
    /** Runs of this machine that were killed. */
    readonly killed: readonly RunFolder[];
    /** Leftovers of those. */
    readonly leftovers: readonly Leftover[];
    /** Resources of runs of other machines, which may still go on. */
    readonly unknown: readonly Leftover[];
    /** Runs of this machine that still go on. */
    readonly running: readonly RunFolder[];
}

/** Finds other runs and their leftovers, and ends CLIs that have outlived a killed run. */
export async function findEarlierRuns(options: Options, place: Place): Promise<EarlierRuns> {
    const folders = await RunFolder.all();
    const running = folders.filter(({ isRunning }) => isRunning);
    const killed = folders.filter(
        ({ run: { account, region, cluster, context }, isRunning }) =>
            !isRunning &&
            account === options.account &&
            region === options.region &&
            cluster === options.cluster &&
            context === place.cluster.context,
    );
    await Promise.all(killed.map((folder) => folder.endPulumi()));
    const found = await findLeftovers(place);
    const leftBy = (runs: readonly RunFolder[]) =>
        found.filter((leftover) => runs.some(({ run: { run } }) => run === leftover.run));
    const known = [...leftBy(killed), ...leftBy(running)];
    return {
        killed,
        running,
        leftovers: leftBy(killed),
        unknown: found.filter((leftover) => !known.includes(leftover)),
    };
}

/** Reports leftovers before a run begins. */
export function reportEarlierRuns({ leftovers, unknown }: EarlierRuns, report: Report): void {
    if (leftovers.length > 0) {
        ["leftovers of killed runs, removed first:", ...leftoverLines(leftovers)].forEach(report);
    }
    if (unknown.length > 0) {
        [
            "resources of runs of another machine, which may still go on (--clean removes them):",
            ...leftoverLines(unknown),
        ].forEach(report);
    }
}

/** Removes the leftovers of killed runs of this machine. */
export async function removeKilledRuns({ killed }: EarlierRuns, place: Place, report: Report): Promise<void> {
    const isOurs = (run: string) => killed.some((folder) => folder.run.run === run);
    const stuck = await removeRuns(place, { isOurs, wasCutShort: killed.length > 0 }, report);
    stuck.flatMap(removalFailureLines).forEach(report);
    if (stuck.length === 0) {
        await Promise.all(killed.map((folder) => folder.remove({ keepLog: false })));
    }
}

/**
 * `--clean`: removes the leftovers of all other runs, except those of this machine that still go on.
 *
 * @returns the exit status.
 */
export async function clean(
    options: Options,
    place: Place,
    signal: AbortSignal,
    report: Report,
): Promise<number> {
    const { killed, leftovers, unknown, running } = await findEarlierRuns(options, place);
    running.forEach(({ run: { run, pid } }) =>
        report(`run ${run} goes on (process ${pid}): it is left alone`),
    );
    const found = [...leftovers, ...unknown];
    if (found.length > 0) {
        const where = `account ${options.account}, region ${options.region}, context ${place.cluster.context}`;
        [`to be removed from ${where}:`, ...leftoverLines(found)].forEach(report);
        if (!options.yes && !(await confirm("Remove all of it?", signal))) {
            return 1;
        }
    }
    const isOurs = (run: string) => !running.some((folder) => folder.run.run === run);
    const stuck = await removeRuns(place, { isOurs, wasCutShort: killed.length > 0 }, report);
    stuck.flatMap(removalFailureLines).forEach(report);
    if (stuck.length === 0) {
        await Promise.all(killed.map((folder) => folder.remove({ keepLog: false })));
    }
    const left = stuck.map(({ leftover }) => leftover);
    if (options.json) {
        console.log(JSON.stringify({ found, left }, undefined, 2));
    } else {
        const removed = found.length === 0 ? "nothing to remove" : "nothing is left";
        console.log(verdict(left.length === 0, left.length === 0 ? removed : `${left.length} left`));
    }
    return left.length === 0 ? 0 : 1;
}
