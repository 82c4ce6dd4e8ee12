import { printable } from "../../components/validation/problems";
import { bold, verdict } from "./colours";

/** A line for a reader. */
export type Line = string | { readonly heading: string };

/** Result of a command. */
export interface Answer {
    /** Exit status: 0 if all is well, 1 if there are problems, 2 if that can't be told. */
    readonly status: 0 | 1 | 2;
    /** For other programs to read: the output of `--json`. */
    readonly json: object;
    /** Sources that could not be read, and why. */
    readonly unseen: readonly string[];
    readonly lines: readonly Line[];
    /** The last line: what the status means here. */
    readonly verdict: string;
}

/** Names, tags and answers of others are untrusted text: they must not be able to forge a line of output. */
export function printed(line: Line): string {
    return typeof line === "string" ? printable(line) : bold(printable(line.heading));
}

/** Prints an answer. With JSON, nothing but the result is on the standard output. */
export function printAnswer(answer: Answer, isJson: boolean): void {
    if (isJson) {
        console.log(JSON.stringify(answer.json, undefined, 2));
        return;
    }
    answer.unseen.forEach((line) => console.error(printable(line)));
    answer.lines.forEach((line) => console.log(printed(line)));
    console.log(verdict(answer.status === 0, printable(answer.verdict)));
}
