import { markdownTable } from "../program/markdownTable";
import type { Case } from "./contestants";

/** Measurements of one case: the median of each figure, and the number of runs. */
export interface CaseResult extends Case {
    readonly medians: Readonly<Record<string, number>>;
    readonly runs: Readonly<Record<string, number>>;
}

/** One run of the benchmark. */
export interface Result {
    readonly date: string;
    readonly machine: string;
    readonly versions: Readonly<Record<string, string>>;
    readonly cases: readonly CaseResult[];
    /** Calls of the program, by API and action, for the first case. */
    readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Figures for the whole job, in the order of the table. */
const times = [
    "script",
    "stand-in up",
    "pulumi up",
    "pulumi up with its preview",
    "pulumi up, nothing changed",
    "pulumi preview",
] as const;

/** The figures as a Markdown table: seconds, and in brackets their ratio to the script's. */
export function resultTable({ cases }: Result): string {
    const figures = times.filter((time) => cases.some(({ medians }) => time in medians));
    const rows = cases.map(({ volumes, nodes, medians, runs }) => [
        ...[volumes, nodes, runs["stand-in up"] ?? 0].map((number) => number.toLocaleString("en")),
        ...figures.map((time) => cell(medians[time], time === "script" ? undefined : medians["script"])),
    ]);
    const head = ["volumes", "nodes", "runs", ...figures];
    return figuresTable(head, rows);
}

/** The floor's figures beside the program's: seconds, and in brackets the program's ratio to the floor. */
export function floorTable({ cases }: Result): string {
    const compared = times.filter((time) => cases.some(({ medians }) => floorOf(time) in medians));
    const rows = cases.map(({ volumes, nodes, medians, runs }) => [
        ...[volumes, nodes, runs["pulumi up"] ?? 0].map((number) => number.toLocaleString("en")),
        ...compared.flatMap((time) => {
            const floor = medians[floorOf(time)];
            return [cell(floor, undefined), cell(medians[time], floor)];
        }),
    ]);
    const head = ["volumes", "nodes", "runs", ...compared.flatMap((time) => [floorOf(time), time])];
    return figuresTable(head, rows);
}

function figuresTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
    return markdownTable(
        head,
        rows,
        head.map(() => "---:"),
    );
}

/** Name of the floor's figure for the same command. */
const floorOf = (time: string) => `floor: ${time}`;

function cell(seconds: number | undefined, base: number | undefined): string {
    if (seconds === undefined) {
        return "";
    }
    const ratio = base === undefined ? "" : ` (${(seconds / base).toFixed(2)})`;
    return `${seconds.toFixed(1)} s${ratio}`;
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
    return ((sorted[low] ?? NaN) + (sorted[high] ?? NaN)) / 2;
}
