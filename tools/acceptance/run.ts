import type { Check, Step } from "./check";
import { claimSteps } from "./claimSteps";
import { destroySteps } from "./destroySteps";
import type { Row } from "./report";
import { volumeSteps } from "./volumeSteps";

const steps: readonly Step[] = [...volumeSteps, ...claimSteps, ...destroySteps];

/**
 * Runs the steps one after the other. A failed step is a row of the table; the steps after it run unless it is vital or
 * the run was interrupted.
 */
export async function runSteps(check: Check, report: (line: string) => void): Promise<Row[]> {
    const rows: Row[] = [];
    let isOver: string | undefined;
    for (const [index, step] of steps.entries()) {
        const { name, expected, isVital = false } = step;
        if (isOver !== undefined) {
            rows.push({ step: name, expected, seen: isOver, seconds: 0, result: "not run" });
            continue;
        }
        report(`${index + 1}/${steps.length} ${name} ...`);
        const row = await runStep(check, step);
        report(`${index + 1}/${steps.length} ${name}: ${row.result}, ${row.seconds.toFixed(0)} s`);
        rows.push(row);
        if (check.signal.aborted) {
            isOver = reasonOf(check.signal);
        } else if (isVital && row.result === "NOT AS EXPECTED") {
            isOver = `needs "${name}"`;
        }
    }
    return rows;
}

async function runStep(check: Check, { name, expected, run }: Step): Promise<Row> {
    const started = performance.now();
    const row = (seen: string, result: Row["result"]): Row => ({
        step: name,
        expected,
        seen,
        seconds: (performance.now() - started) / 1000,
        result,
    });
    try {
        const seen = await run(check);
        return typeof seen === "string"
            ? row(seen, "as expected")
            : row(seen.seen, seen.isPart ? "in part" : "as expected");
    } catch (error) {
        const { message, name: kind } = error as Error;
        return row(check.signal.aborted ? reasonOf(check.signal) : message || kind, "NOT AS EXPECTED");
    }
}

function reasonOf({ reason }: AbortSignal): string {
    return (reason as Error).message;
}
