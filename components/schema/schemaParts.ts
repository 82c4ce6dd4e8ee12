import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { isDeferred } from "../args/deferred";
import type { KeyRule } from "./kubernetesNames";

/** Text of a pattern. */
export const text = (rule: string, pattern: RegExp) =>
    z.string({ error: rule }).regex(pattern, { error: rule });
/** A number. */
export const number = z.number({ error: "must be a number" });
/** True or false. */
export const flag = z.boolean({ error: "must be true or false" });
/** One of a few texts. */
export const oneOf = <const T extends string>(values: readonly T[]) =>
    z.enum(values, { error: `must be one of ${values.join(", ")}` });

/** A whole number of a range. */
export function wholeNumber(min: number, max: number) {
    const error = `must be a whole number between ${min} and ${max}`;
    return z.int({ error }).min(min, { error }).max(max, { error });
}

/** Schemas of settings, by name. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** A map of settings with these names and no others. */
export function object<T extends Shape>(shape: T) {
    const known = Object.keys(shape).join(", ");
    return z.strictObject(shape, {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? `is not a known setting: known are ${known}`
                : "must be a map of settings",
    });
}

/** A value that the schema judges if it is plain, and lets pass if it comes later. */
export function input<T>(schema: z.ZodType<T>) {
    return z
        .unknown()
        .transform((value, { issues }): Input<T> =>
            isDeferred<T>(value) ? value : judged(schema, value, issues),
        );
}

/** A map with keys of the user's choice. */
export function mapOf<T>(schema: z.ZodType<T>, error: string, keys?: KeyRule) {
    const map = z.record(z.string(), schema, { error });
    return z.unknown().transform((value, { issues }): Record<string, T> => {
        const given = typeof value === "object" && value !== null ? Object.keys(value) : [];
        const refuse = (key: string, message: string) =>
            issues.push({ code: "custom", message, path: [key], input: value });
        for (const key of given) {
            if (key === "__proto__") {
                // zod passes over this one.
                refuse(key, reservedName);
            } else if (keys?.isRight(key) === false) {
                refuse(key, keys.rule);
            }
        }
        return judged(map, value, issues);
    });
}

function judged<T>(schema: z.ZodType<T>, value: unknown, issues: z.core.$ZodRawIssue[]): T {
    const { success, data, error } = schema.safeParse(value);
    if (success) {
        return data;
    }
    for (const { message, path, ...issue } of error.issues) {
        // A custom issue has no keys: each gets one of its own.
        const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
        issues.push(...paths.map((one) => ({ code: "custom" as const, message, path: one, input: value })));
    }
    return z.NEVER;
}

/** A setting that is given and isn't right. */
export const invalid = Symbol("invalid");

/** The settings of a map, each by itself: as its schema has it, or {@link invalid}. */
export type Facts<T> = { readonly [K in keyof T]?: T[K] | typeof invalid };

/**
 * A map of settings of which some may not be right: rules for how settings go together can be held against the others.
 * Anything else is a map without settings.
 */
export function factsOf<T extends object>(shape: { readonly [K in keyof T]: z.ZodType<T[K]> }) {
    return z.unknown().transform((value): Facts<T> => {
        const facts: { [K in keyof T]?: T[K] | typeof invalid } = {};
        for (const name in shape) {
            const given = isMap(value) ? value[name] : undefined;
            if (given !== undefined) {
                const { success, data } = shape[name].safeParse(given);
                facts[name] = success ? data : invalid;
            }
        }
        return facts;
    });
}

/** Whether a value is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !isDeferred(value);
}

/** The value at a path of maps and lists; undefined if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
    return path.reduce((at, key) => (isMap(at) ? at[key] : undefined), value);
}

/** Names of the settings in a map that the program itself has. */
export function namesIn<T extends object>(map: T): (keyof T & string)[] {
    const names: (keyof T & string)[] = [];
    for (const name in map) {
        names.push(name);
    }
    return names;
}

/** Schemas of all settings of an interface. */
export type ShapeOf<T> = { readonly [K in keyof Required<T>]: z.ZodType<T[K]> };

/** The schemas in a table of settings. */
export function schemasIn<T extends object>(table: {
    readonly [K in keyof T]: { readonly schema: z.ZodType<T[K]> };
}) {
    const schemas: { [K in keyof T]?: z.ZodType<T[K]> } = {};
    for (const name in table) {
        schemas[name] = table[name].schema;
    }
    // The loop has filled all of it.
    return schemas as { readonly [K in keyof T]: z.ZodType<T[K]> };
}

/** Of a key that copies of a map would take for their prototype. */
export const reservedName = "must be left out: it is reserved in JavaScript";
