import { printable } from "../../components/validation/problems";

/** A failure after something was changed. Any other error means that nothing was. */
export class Failure extends Error {}

/** Prints an error. Control characters in names and answers of others are escaped. */
export function printError(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    console.error(text.split("\n").map(printable).join("\n"));
}

/** Prints a mistake in the arguments as one line, with what was given escaped. */
export function printMistake(text: string): void {
    const line = text
        .trimEnd()
        .replace(/^error: /, "")
        .replace("\n(Did you mean", " (Did you mean");
    console.error(printable(line));
}
