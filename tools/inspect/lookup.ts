/** A function that remembers its result for each object. The object must not change. */
export function remembered<T extends object, R>(make: (of: T) => R): (of: T) => R {
    const results = new WeakMap<T, { readonly result: R }>();
    return (of) => {
        const { result } = results.get(of) ?? { result: make(of) };
        results.set(of, { result });
        return result;
    };
}

/**
 * Finds elements of a list by key, with an index that is made at the first question about the list: rules ask about
 * each disk, and would otherwise read the whole list for each.
 *
 * @param keysOf - The keys of an element.
 */
export function lookup<T>(
    keysOf: (element: T) => readonly (string | undefined)[],
): (all: readonly T[] | undefined, key: string | undefined) => readonly T[] {
    const indexOf = remembered((all: readonly T[]) => {
        const index = new Map<string | undefined, [T, ...T[]]>();
        all.forEach((element) => new Set(keysOf(element)).forEach((key) => append(index, key, element)));
        return index;
    });
    return (all, key) => (all && key !== undefined ? indexOf(all).get(key) : undefined) ?? [];
}

/** Adds an element to the list of a key. */
export function append<K, T>(lists: Map<K, [T, ...T[]]>, key: K, element: T): void {
    const list = lists.get(key);
    if (list) {
        list.push(element);
    } else {
        lists.set(key, [element]);
    }
}
