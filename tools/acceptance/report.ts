import { printable } from "../../components/validation/problems";
import { verdict } from "../terminal/colours";
import type { RemovalFailure } from "./leftovers";

/** Result of a step. */
export type Result =
    | "as expected"
    /** As expected, but only a part could be observed. */
    | "in part"
    | "NOT AS EXPECTED"
    | "not run";

/** A row of the table. */
export interface Row {
    readonly step: string;
    readonly expected: string;
    readonly seen: string;
    readonly seconds: number;
    readonly result: Result;
}

/** Width of columns with sentences. */
const width = 44;

/** Whether everything observed was as expected. */
export function isPassed(rows: readonly Row[]): boolean {
    return rows.every(({ result }) => result === "as expected" || result === "in part");
}

/** Prints the result of a run, as a table or as JSON. */
export function printReport(
    run: Readonly<Record<"run" | "account" | "region" | "cluster", string>>,
    rows: readonly Row[],
    left: readonly RemovalFailure[],
    json: boolean,
): void {
    if (json) {
        console.log(JSON.stringify({ ...run, steps: rows, left }, undefined, 2));
        return;
    }
    console.log(reportTable(rows));
    if (rows.some(({ result }) => result === "in part")) {
        console.log(
            "in part: simulated nodes run no containers, or a pulumi refresh was needed first; the rows say which",
        );
    }
    const wrong = rows.filter(({ result }) => result === "NOT AS EXPECTED" || result === "not run").length;
    const isGood = wrong === 0;
    console.log(verdict(isGood, isGood ? "all as expected" : `${wrong} of ${rows.length} not as expected`));
}

/** A table that wraps sentences over several lines. */
export function reportTable(rows: readonly Row[]): string {
    const heading = ["STEP", "EXPECTED", "SEEN", "SECONDS", "RESULT"].map((text) => [text]);
    const cells = rows.map(({ step, expected, seen, seconds, result }) => [
        wrapped(step, 24),
        wrapped(expected, width),
        wrapped(seen, width),
        [result === "not run" ? "" : seconds.toFixed(1)],
        [result],
    ]);
    const all = [heading, ...cells];
    const widths = heading.map((_, column) => Math.max(...all.flatMap((row) => lengths(row[column]))));
    return all
        .flatMap((row) => {
            const height = Math.max(...row.map((cell) => cell.length));
            return Array.from({ length: height }, (_, line) =>
                row
                    .map((cell, column) => (cell[line] ?? "").padEnd(widths[column] ?? 0))
                    .join("   ")
                    .trimEnd(),
            );
        })
        .join("\n");
}

function lengths(lines: readonly string[] = []): number[] {
    return lines.map((line) => line.length);
}

/** Wraps words into lines; a longer word gets a line of its own. */
export function wrapped(text: string, columns: number): string[] {
    const lines: string[] = [];
    for (const word of printable(text).split(" ")) {
        const last = lines.at(-1);
        if (last === undefined || last.length + 1 + word.length > columns) {
            lines.push(word);
        } else {
            lines[lines.length - 1] = `${last} ${word}`;
        }
    }
    return lines;
}
