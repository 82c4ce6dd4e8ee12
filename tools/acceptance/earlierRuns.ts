import { verdict } from "../terminal/colours";
import { confirm, leftoverLines, stuckLines } from "./announcement";
import type { Options } from "./arguments";
import { findLeftovers, removeRuns } from "./leftovers";
import type { Leftover, Place } from "./leftovers";
import { RunFolder } from "./runFolder";

/** Told, a line at a time, what goes on. */
export type Report = (line: string) => void;

/** Leftovers of other runs in a place, by whether the runs are known to have ended. */
export interface EarlierRuns {
    /** Runs of this machine that were killed. */
    readonly killed: readonly RunFolder[];
    /** Left by those. */
    readonly leftovers: readonly Leftover[];
    /** Left by runs of other machines, or going on there. */
    readonly unknown: readonly Leftover[];
    /** Runs of this machine that go on. */
    readonly running: readonly RunFolder[];
}

/** Finds what other runs have left, and ends what killed ones were waiting for. */
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

/** Says what a run finds before it begins. */
export function reportEarlierRuns({ leftovers, unknown }: EarlierRuns, report: Report): void {
    if (leftovers.length > 0) {
        ["left by runs that were killed, and removed first:", ...leftoverLines(leftovers)].forEach(report);
    }
    if (unknown.length > 0) {
        [
            "left by runs of another machine, or going on there (--clean removes it):",
            ...leftoverLines(unknown),
        ].forEach(report);
    }
}

/** Removes what killed runs of this machine have left. */
export async function removeKilledRuns({ killed }: EarlierRuns, place: Place, report: Report): Promise<void> {
    const isOurs = (run: string) => killed.some((folder) => folder.run.run === run);
    const stuck = await removeRuns(place, { isOurs, wasCutShort: killed.length > 0 }, report);
    stuck.flatMap(stuckLines).forEach(report);
    if (stuck.length === 0) {
        await Promise.all(killed.map((folder) => folder.remove({ keepLog: false })));
    }
}

/**
 * `--clean`: removes what all other runs have left, those apart that go on.
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
    stuck.flatMap(stuckLines).forEach(report);
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
