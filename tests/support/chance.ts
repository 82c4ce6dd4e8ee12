import assert from "node:assert/strict";
import fc from "fast-check";

const wanted = process.env["TESTS_SEED"];

/**
 * Chooses random cases, the same in every run: a change isn't blamed for what an unseen case finds. Another number, or
 * `random`, chooses others: `TESTS_SEED=random npm test`.
 */
export const seed = wanted === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(wanted ?? 1);

assert.ok(Number.isInteger(seed), `TESTS_SEED must be a whole number or random, got ${wanted}`);

/** A time in milliseconds, below 3 seconds, another one for each turn of a test. */
export function delayOf(turn: number): number {
    // Steps of the golden ratio are spread evenly, however many there are.
    return Math.round(((seed + turn) * 0.618034 * 3000) % 3000);
}

fc.configureGlobal({ seed });

/** Properties with cases of that seed. */
export { fc };
