import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../tools/terminal/processes";
import { stopServers } from "./servers";

/** Folder of a checkout's sandboxes, with data, logs and settings for users. */
export const home = join(__dirname, "..", ".sandbox");

/** Somebody has ended the command. */
export class Interrupted extends Error {
    public override readonly message = "interrupted";
}

/**
 * Work that Ctrl-C ends: it gets the signal, and a few seconds to end by itself.
 *
 * @throws Interrupted
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const { signal } = controller;
    // For good: a second Ctrl-C doesn't end the cleaning up.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(name, () => controller.abort(new Interrupted()));
    }
    const interrupted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Interrupted)),
    );
    const working = work(signal);
    try {
        return await Promise.race([working, interrupted]);
    } finally {
        await Promise.race([working.catch(() => undefined), sleep(3000)]);
    }
}

/**
 * Does a job in a folder of its own, with servers that it starts there. No process and no folder is left, whatever ends
 * the job; what killed jobs have left is removed before.
 */
export async function inFolder<T>(
    kind: "run" | "drill",
    job: (directory: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
    const directory = join(home, `${kind}-${process.pid}`);
    try {
        return await interruptible(async (signal) => {
            await removeLeftovers();
            return job(directory, signal);
        });
    } finally {
        await removeServers(directory);
    }
}

/** Stops the servers of a folder and removes it. */
export async function removeServers(directory: string): Promise<void> {
    await stopServers(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function removeLeftovers(): Promise<void> {
    for (const name of await readdir(home).catch(() => [])) {
        const [, pid] = /^(?:run|drill)-(\d+)$/.exec(name) ?? [];
        if (pid !== undefined && !isRunning(Number(pid), "sandbox")) {
            await removeServers(join(home, name));
        }
    }
}
