import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { printable } from "../../components/validation/problems";

type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads the options of a command line.
 *
 * @throws Error that says what is wrong and how the command is used, without a character that a terminal obeys.
 */
export function parseOptions<T extends OptionsConfig>(args: readonly string[], options: T, usage: string) {
    try {
        return parseArgs({ args: [...args], options }).values;
    } catch {
        throw usageError(mistakeIn(args.map(printable), options), usage);
    }
}

/**
 * Refuses a stack beside a file with a state.
 *
 * @throws Error if both are given.
 */
export function refuseBoth(
    { stack, state }: { readonly stack?: string; readonly state?: string },
    usage: string,
): void {
    if (stack !== undefined && state !== undefined) {
        throw usageError(`--state must be left out beside --stack, got "${printable(state)}"`, usage);
    }
}

/** An error of the command line; what it quotes has to be printable. */
export function usageError(mistake: string, usage: string): Error {
    return new Error(`${mistake}\nusage: ${usage}`);
}

/** Prints why a command ends: lines of ours, with whatever others have written in them. */
export function printError(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    console.error(text.split("\n").map(printable).join("\n"));
}

/** Messages of Node.js have ends of lines of their own, so they are made from arguments that have none. */
function mistakeIn(args: string[], options: OptionsConfig): string {
    try {
        parseArgs({ args, options });
        return "the arguments can't be read";
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
