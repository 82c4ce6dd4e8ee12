/** Groups elements by key. */
export function grouped<T>(elements: readonly T[], key: (element: T) => string): [string, T[]][] {
    const groups = new Map<string, T[]>();
    elements.forEach((one) => groups.set(key(one), [...(groups.get(key(one)) ?? []), one]));
    return [...groups];
}
