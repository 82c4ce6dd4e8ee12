import { append } from "./lookup";

/** Groups elements by key. */
export function grouped<T>(elements: readonly T[], key: (element: T) => string): [string, [T, ...T[]]][] {
    const groups = new Map<string, [T, ...T[]]>();
    elements.forEach((one) => append(groups, key(one), one));
    return [...groups];
}
