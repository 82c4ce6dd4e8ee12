/**
 * Does work for each element, a few at the same time: APIs refuse a crowd of requests. After a failure none is begun.
 *
 * @returns the results, in the order of the elements.
 */
export async function fewAtOnce<T, R>(
    elements: readonly T[],
    work: (element: T) => Promise<R>,
    most = 5,
): Promise<R[]> {
    const results: R[] = [];
    // One generator for all workers: each takes the next element, and one that fails ends it for the others.
    const waiting = entriesOf(elements);
    const worker = async () => {
        for (const [index, element] of waiting) {
            results[index] = await work(element);
        }
    };
    await Promise.all(Array.from({ length: most }, worker));
    return results;
}

function* entriesOf<T>(elements: readonly T[]): Generator<[number, T]> {
    yield* elements.entries();
}
