import { createInterface } from "node:readline/promises";
import { costSource, maxCost, maxHours, maxSnapshots, maxVolumes } from "./cost";
import type { Options } from "./arguments";
import type { Leftover, RemovalFailure } from "./leftovers";
import { nameOf, runKey } from "./runIds";

/** Lines that announce what a run creates, and its maximum cost. */
export function announcement(options: Options, run: string, context: string): string[] {
    const { account, region, cluster, image } = options;
    const { ofRun, ofMonthLeft } = maxCost();
    return [
        `account ${account}, region ${region}, cluster ${cluster} (context ${context})`,
        "will be created, and removed at the end, also after a failure or Ctrl-C:",
        `  at most ${maxVolumes.count} volumes of 1 or 2 GiB, ${maxVolumes.gib} GiB in all, and ${maxSnapshots.count} snapshots, with tag ${runKey}=${run}`,
        `  namespace ${nameOf(run)} with one claim and, one after the other, two pods of ${image}`,
        `  PersistentVolumes with label ${runKey}=${run}, and StorageClasses called ${nameOf(run)}...`,
        `costs at most ${ofRun.toFixed(2)} USD: the run gives up after ${maxHours} hours; what is never removed costs up to ${ofMonthLeft.toFixed(2)} USD a month`,
        `  (${costSource})`,
    ];
}

/** Lines that list leftovers of earlier runs. */
export function leftoverLines(leftovers: readonly Leftover[]): string[] {
    return leftovers.map(({ kind, name, run }) => `  ${kind} ${name}, of run ${run}`);
}

/** Lines on a failed removal: the reason, and the command that removes it. */
export function removalFailureLines({ leftover: { kind, name }, reason, command }: RemovalFailure): string[] {
    return [`could not remove ${kind} ${name}: ${reason}`, `    ${command}`];
}

/** Asks in the terminal. Any answer except "yes" means no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
        const answer = await terminal.question(`${question} (yes/no) `, { signal });
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
