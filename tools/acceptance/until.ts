import { setTimeout as sleep } from "node:timers/promises";

/** Purpose and time limit of a wait. */
export interface WaitOptions {
    readonly what: string;
    readonly seconds: number;
    /** Ends the wait. */
    readonly signal?: AbortSignal;
}

/**
 * Polls until there is an answer, less and less often: AWS limits the rate of requests.
 *
 * @throws Error when the time is up.
 */
export async function until<T>(ask: () => Promise<T | undefined>, waiting: WaitOptions): Promise<T> {
    const { what, seconds, signal } = waiting;
    const deadline = Date.now() + seconds * 1000;
    for (let pause = 200; ; pause = Math.min(pause * 1.5, 5000)) {
        signal?.throwIfAborted();
        const answer = await ask();
        if (answer !== undefined) {
            return answer;
        }
        if (Date.now() > deadline) {
            throw new Error(`${what}: not after ${seconds} s`);
        }
        await sleep(pause, undefined, { signal });
    }
}
