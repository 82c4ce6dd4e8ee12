import type { z } from "zod";
import { valueAt } from "../schema/schemaParts";
import type { Problem } from "./problems";

/** An input as its schema has it, or everything that is wrong with it. */
export type Parsed<T> =
    | { readonly value: T; readonly problems?: undefined }
    | { readonly value?: undefined; readonly problems: readonly Problem[] };

/**
 * Holds an input against its schema.
 *
 * @param others - Problems that were found otherwise: those of settings that the schema has refused need no second word.
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown, others: readonly Problem[] = []): Parsed<T> {
    const { success, data, error } = schema.safeParse(input);
    const refused = success ? [] : error.issues.flatMap((issue) => problemsIn(issue, input));
    const paths = new Set(refused.map(({ path }) => path.join(".")));
    const isNew = ({ path }: Problem) => path.length === 0 || !paths.has(path.join("."));
    const problems = [...refused, ...others.filter(isNew)];
    return success && problems.length === 0 ? { value: data } : { problems };
}

function problemsIn(issue: z.core.$ZodIssue, input: unknown): Problem[] {
    const at = issue.path.map(String);
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...at, key]) : [at];
    return paths.map((path) => ({ path, rule: issue.message, got: valueAt(input, path) }));
}
