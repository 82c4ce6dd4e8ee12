import type { Properties } from "../grpc";

/** Paths, dotted, at which two sets of properties differ; lists count as one value. */
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

/** Whether a path is another one or lies below it. */
export function isWithin(path: string, other: string): boolean {
    const below = (long: string, short: string) =>
        long.startsWith(`${short}.`) || long.startsWith(`${short}[`);
    return path === other || below(path, other) || below(other, path);
}

/** As the engine writes paths: keys that aren't plain words in brackets. */
function join(at: string, key: string): string {
    const step = /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    return at === "" ? step.replace(/^\./, "") : at + step;
}

function isMap(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
