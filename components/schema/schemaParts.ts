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

/** A map of settings with these names and no others. */
export function object<T extends z.core.$ZodLooseShape>(shape: T) {
    const known = Object.keys(shape).join(", ");
    return z.strictObject(shape, {
        error: ({ code }) =>
            code === "unrecognized_keys"
                ? `is not a known setting: known are ${known}`
                : "must be a map of settings",
    });
}

/** A value that the schema judges if it is plain, and lets pass if it comes later. */
export function input<T>(schema: z.ZodType<T>): z.ZodType<Input<T>> {
    return z.unknown().check((seen) => {
        if (!isDeferred(seen.value)) {
            judge(schema, seen);
        }
    }) as unknown as z.ZodType<Input<T>>;
}

/** A map with keys of the user's choice. */
export function mapOf<T>(schema: z.ZodType<T>, error: string, keys?: KeyRule): z.ZodType<Record<string, T>> {
    const map = z.record(z.string(), schema, { error });
    return z.unknown().check((seen) => {
        const { value, issues } = seen;
        const given = typeof value === "object" && value !== null ? Object.keys(value) : [];
        // zod passes over this one, and copies of the map would take it for their prototype.
        if (given.includes("__proto__")) {
            issues.push({ code: "custom", message: reservedName, path: ["__proto__"], input: value });
        }
        for (const key of given.filter((one) => one !== "__proto__" && keys?.isRight(one) === false)) {
            issues.push({ code: "custom", message: keys?.rule, path: [key], input: value });
        }
        judge(map, seen);
    }) as unknown as z.ZodType<Record<string, T>>;
}

function judge(schema: z.ZodType, { value, issues }: z.core.ParsePayload): void {
    for (const issue of schema.safeParse(value).error?.issues ?? []) {
        issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    }
}

/** Of a key that copies of a map would take for their prototype. */
export const reservedName = "must be left out: JavaScript keeps this name to itself";
