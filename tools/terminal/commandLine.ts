import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { printable } from "../../components/validation/problems";

type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads the options of a command line.
 *
 * @throws Error with the mistake and the usage, without control characters.
 */
export function parseOptions<T extends OptionsConfig>(args: readonly string[], options: T, usage: string) {
    try {
        return parseArgs({ args: [...args], options }).values;
    } catch {
        throw usageError(parseErrorOf(args.map(printable), options), usage);
    }
}

/**
 * Rejects `--stack` together with `--state`.
 *
 * @throws Error if both are given.
 */
export function rejectStackWithState(
    { stack, state }: { readonly stack?: string; readonly state?: string },
    usage: string,
): void {
    if (stack !== undefined && state !== undefined) {
        throw usageError(`--state can't be combined with --stack, got "${printable(state)}"`, usage);
    }
}

/** An error of the command line. Quoted values have to be printable. */
export function usageError(mistake: string, usage: string): Error {
    return new Error(`${mistake}\nusage: ${usage}`);
}

/** Prints an error. Control characters in names and answers of others are escaped. */
export function printError(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    console.error(text.split("\n").map(printable).join("\n"));
}

/** The parser's own message, made from printable arguments: it contains line ends of its own. */
function parseErrorOf(args: string[], options: OptionsConfig): string {
    try {
        parseArgs({ args, options });
        return "could not read the arguments";
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
