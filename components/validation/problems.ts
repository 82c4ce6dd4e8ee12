// Not the whole SDK, which loads a compiler: the commands start without it.
import { RunError } from "@pulumi/pulumi/errors";
import { isDeferred } from "../args/deferred";

/** One thing that is wrong with an input. */
export interface Problem {
    /** Where: the property's path below the input. Empty for the input's own name. */
    readonly path: readonly string[];
    /** The rule: "must be ...". */
    readonly rule: string;
    /** The value that breaks the rule; undefined where there is none. */
    readonly got?: unknown;
    /** Whether the rule says it all: no single value breaks it. */
    readonly isWhole?: boolean;
}

/** Stands in messages for a value that is secret. */
export const hidden = "[secret]";

/** Settings that a rule leaves no room for. */
export function notAllowed(
    path: readonly string[],
    settings: Readonly<Record<string, unknown>>,
    rule: string,
): Problem[] {
    return Object.entries(settings)
        .filter(([, value]) => value !== undefined)
        .map(([key, got]) => ({ path: [...path, key], rule, got }));
}

/**
 * The problem as a line of text.
 *
 * @param root - Path of the whole input.
 * @param isSecret - Whether the value must not be in it.
 */
export function formatProblem(
    { path, rule, got, isWhole = false }: Problem,
    root: readonly string[] = [],
    isSecret = false,
): string {
    const property = [...root, ...path].join(".") || "name";
    // A key of a map is anybody's text.
    return printable(
        isWhole
            ? `${property} ${rule}`
            : got === undefined
              ? `${property} is required and ${rule}`
              : `${property} ${rule}, got ${isSecret ? hidden : brief(got)}`,
    );
}

/**
 * The text with escapes in place of characters that a terminal obeys or hides, or that XML forbids: control characters,
 * line ends among them, marks of direction, and halves of characters.
 */
export function printable(text: string): string {
    return text.replace(
        /[\p{Cc}\p{Cs}\p{Co}\p{Bidi_Control}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/gu,
        (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    );
}

/** The message of an error, or of anything else that was thrown. */
export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/**
 * A mistake of the user, not of the program: Pulumi prints its message alone, without a stack trace.
 *
 * @param title - The mistake, in a few words.
 * @param lines - Every problem, a line each.
 */
export function userError(title: string, lines: readonly string[]): RunError {
    return asUserError([`${title}:`, ...lines.map((line) => `  - ${line}`)].join("\n"));
}

/** The message of the same; undefined where there is no problem. */
export function problemsText(title: string, lines: readonly string[]): string | undefined {
    return lines.length === 0 ? undefined : userError(title, lines).message;
}

/** Throws the same if there is a problem. */
export function refuseProblems(title: string, lines: readonly string[]): void {
    if (lines.length > 0) {
        throw userError(title, lines);
    }
}

/** The same from its message. */
export function asUserError(text: string): RunError {
    const error = new RunError(text);
    // On its way out the SDK puts "error serializing property ..." before a message; ours says where already.
    Object.defineProperty(error, "message", { get: () => text, set: () => undefined });
    // Nobody needs it.
    error.stack = undefined;
    return error;
}

/** Characters of a value that a message has. */
const maxShown = 80;

function brief(value: unknown): string {
    const text = (JSON.stringify(upTo(maxShown, value)) as string | undefined) ?? String(value);
    return text.length > maxShown ? `${text.slice(0, maxShown - 3)}...` : text;
}

/** The value to a depth that fills a message already: JSON.stringify of thousands of levels takes all of the stack. */
function upTo(depth: number, value: unknown): unknown {
    if (typeof value !== "object" || value === null || isDeferred(value)) {
        return value;
    }
    if (depth === 0) {
        return null;
    }
    return Array.isArray(value)
        ? value.map((one) => upTo(depth - 1, one))
        : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, upTo(depth - 1, one)]));
}
