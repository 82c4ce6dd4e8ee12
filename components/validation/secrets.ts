import { RunError } from "@pulumi/pulumi/errors";
import { isSecret, output } from "@pulumi/pulumi/output";
import type { Output, Unwrap } from "@pulumi/pulumi";
import { isDeferred } from "../args/deferred";
import { valueAt } from "../schema/schemaParts";
import { asUserError, hidden, messageOf } from "./problems";

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** Where in an input the secrets are: a path below it for each output that is one. */
export async function secretPaths(input: unknown, path: readonly string[] = []): Promise<string[][]> {
    if (isDeferred(input)) {
        return (await isSecret(output(input))) ? [[...path]] : [];
    }
    if (typeof input !== "object" || input === null) {
        return [];
    }
    const children = Object.entries(input).map(([key, value]) => secretPaths(value, [...path, key]));
    return (await Promise.all(children)).flat();
}

/** The same for an input and the output of it: where that is no secret, nothing in it is. */
export async function secretPathsOf(whole: Output<unknown>, input: unknown): Promise<string[][]> {
    return (await isSecret(whole)) ? secretPaths(input) : [];
}

/** Takes out of a text what is at these paths of a value. */
export function hiding(value: unknown, paths: readonly (readonly string[])[]): Hide {
    const texts = new Set(paths.flatMap((path) => textsIn(valueAt(value, path))));
    // A longer text may have a shorter one in it.
    const patterns = [...texts].sort((a, b) => b.length - a.length).map(patternOf);
    return (text) =>
        patterns.length === 0 ? text : text.replace(new RegExp(patterns.join("|"), "gu"), hidden);
}

/**
 * Like `apply`, for functions that may throw an error or write a warning: neither has a secret in it, although the
 * engine prints both as they are.
 *
 * @param values - A map of inputs.
 * @param use - Gets their values, and a function for texts that it doesn't throw.
 */
export function whenKnown<T extends object, U>(
    values: T,
    use: (known: Unwrap<T>, hide: Hide) => U | Promise<U>,
): Output<U> {
    const whole = output(values);
    const apply = async (known: unknown): Promise<U> => {
        const paths = await secretPathsOf(whole, values);
        const hide = hiding(known, paths);
        try {
            return await use(known as Unwrap<T>, hide);
        } catch (error) {
            throw paths.length === 0 ? error : withoutSecrets(error, hide);
        }
    };
    return whole.apply(apply);
}

/** A value, or why there is none. */
export type WithFailure<T> = T & { readonly failure?: string };

/**
 * Like `whenKnown`, but an error becomes the failure of a value: a rejected output makes V8 go through all outputs made
 * from it, along every path, for the debugger that Pulumi's runner turns on (Isolate::PromiseHasUserDefinedRejectHandler
 * in Node 20). That takes all memory.
 *
 * @param none - The value where there is a failure.
 */
export function whenKnownOrFailed<T extends object, U extends object>(
    values: T,
    none: U,
    use: (known: Unwrap<T>, hide: Hide) => U | Promise<U>,
): Output<WithFailure<U>> {
    return whenKnown(values, async (known, hide): Promise<WithFailure<U>> => {
        try {
            return await use(known, hide);
        } catch (error) {
            return { ...none, failure: hide(messageOf(error)) };
        }
    });
}

/** Why there is no value; undefined if there is one. */
export function failureIn(found: Output<WithFailure<unknown>>): Output<string | undefined> {
    return found.apply(({ failure }) => failure);
}

/** The message of the error that a check throws; undefined if it throws none. */
export function failureOf<T extends object>(
    values: T,
    check: (known: Unwrap<T>) => void | Promise<void>,
): Output<string | undefined> {
    const use = async (known: Unwrap<T>) => {
        await check(known);
        return {};
    };
    return failureIn(whenKnownOrFailed(values, {}, use));
}

function withoutSecrets(error: unknown, hide: Hide): Error {
    const text = hide(messageOf(error));
    return RunError.isInstance(error) ? asUserError(text) : new Error(text);
}

/** Keys of the settings in maps that a secret may be; and of texts that are messages already. */
const ownKeys = [
    "name",
    "values",
    "region",
    "keepDays",
    "kmsKeyId",
    "property",
    "nodesDescription",
    "failure",
    "found",
];
const messages = ["property", "nodesDescription", "failure"];

/** All texts in a value: keys of the user's choice, too. */
function textsIn(value: unknown): string[] {
    if (typeof value === "string" || typeof value === "number") {
        return value === "" ? [] : [String(value)];
    }
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Array.isArray(value)
        ? value.flatMap(textsIn)
        : Object.entries(value).flatMap(([key, one]) => [
              ...(ownKeys.includes(key) || /^\d+$/.test(key) ? [] : [key]),
              ...(messages.includes(key) ? [] : textsIn(one)),
          ]);
}

/** Short ones only as words of their own, so that messages stay messages. */
function patternOf(text: string): string {
    const forms = [text, JSON.stringify(text).slice(1, -1)].map((form) =>
        form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
    );
    const any = [...new Set(forms)].join("|");
    return text.length < 4 ? `(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])` : any;
}
