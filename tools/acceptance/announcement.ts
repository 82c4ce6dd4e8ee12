import { createInterface } from "node:readline/promises";
import { costSource, mostCost, mostHours, mostSnapshots, mostVolumes } from "./cost";
import type { Options } from "./arguments";
import type { Leftover, Stuck } from "./leftovers";
import { nameOf, runKey } from "./runIds";

/** Lines that say what a run is about to create and the most that it can cost. */
export function announcement(options: Options, run: string, context: string): string[] {
    const { account, region, cluster, image } = options;
    const { ofRun, ofMonthLeft } = mostCost();
    return [
        `account ${account}, region ${region}, cluster ${cluster} (context ${context})`,
        "will be created, and removed at the end, also after a failure or Ctrl-C:",
        `  at most ${mostVolumes.count} volumes of 1 or 2 GiB, ${mostVolumes.gib} GiB in all, and ${mostSnapshots.count} snapshots, with tag ${runKey}=${run}`,
        `  namespace ${nameOf(run)} with one claim and, one after the other, two pods of ${image}`,
        `  PersistentVolumes with label ${runKey}=${run}, and StorageClasses called ${nameOf(run)}...`,
        `costs at most ${ofRun.toFixed(2)} USD: the run gives up after ${mostHours} hours; what is never removed costs up to ${ofMonthLeft.toFixed(2)} USD a month`,
        `  (${costSource})`,
    ];
}

/** Lines that list leftovers of earlier runs. */
export function leftoverLines(leftovers: readonly Leftover[]): string[] {
    return leftovers.map(({ kind, name, run }) => `  ${kind} ${name}, of run ${run}`);
}

/** Lines for something that couldn't be removed: why, and the command that removes it. */
export function stuckLines({ leftover: { kind, name }, reason, command }: Stuck): string[] {
    return [`could not remove ${kind} ${name}: ${reason}`, `    ${command}`];
}

/** Asks in the terminal. Anything but yes is a no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
        const answer = await terminal.question(`${question} Only "yes" will do: `, { signal });
        return answer.trim() === "yes";
    } catch (error) {
        if (signal.aborted) {
            return false;
        }
        throw error;
    } finally {
        terminal.close();
    }
}
