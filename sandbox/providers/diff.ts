import type { Properties } from "../grpc";
import type { Change } from "./provider";

/** Changes between former and new inputs. */
export function inputChanges(
    before: Properties,
    after: Properties,
    replaceOn: readonly string[] = [],
): Change[] {
    return changedPaths(before, after).map((path) => ({
        path,
        replaces: replaceOn.some((one) => isWithin(path, one)),
    }));
}

/** Dotted paths at which properties differ. Lists are compared as a whole. */
export function changedPaths(before: Properties, after: Properties, at = ""): string[] {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => {
        const path = join(at, key);
        const [one, other] = [before[key], after[key]];
        if (isMap(one) && isMap(other)) {
            return changedPaths(one, other, path);
        }
        return JSON.stringify(one) === JSON.stringify(other) ? [] : [path];
    });
}

/** Whether one of two paths is the other or below it. */
function isWithin(path: string, other: string): boolean {
    const below = (long: string, short: string) =>
        long.startsWith(`${short}.`) || long.startsWith(`${short}[`);
    return path === other || below(path, other) || below(other, path);
}

/** Joins path and key in the engine's form: keys that aren't plain words are in brackets. */
function join(at: string, key: string): string {
    const step = /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    return at === "" ? step.replace(/^\./, "") : at + step;
}

export function isMap(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
