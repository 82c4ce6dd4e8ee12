import { ApiException, Observable, ResponseContext } from "@kubernetes/client-node";
import type { ConfigurationOptions, ObservableMiddleware, V1ListMeta } from "@kubernetes/client-node";

/** Objects in one answer. More would take fewer questions, and more memory: a pod has 10 kB, a node 20 kB. */
const pageSize = 200;

type List<T> = (
    page: { readonly limit: number; readonly _continue?: string },
    options: ConfigurationOptions,
) => Promise<{ readonly metadata?: V1ListMeta; readonly items: readonly T[] }>;

/**
 * The objects of a list, page by page: all pods of a large cluster in one answer are hundreds of megabytes.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks, read on
 * 2026-11-26.
 *
 * @param keep - The fields of an object that count.
 */
export async function* pages<T>(list: List<T>, keep: (object: T) => T): AsyncGenerator<readonly T[]> {
    const options: ConfigurationOptions = {
        middleware: [reducer(keep)],
        middlewareMergeStrategy: "append",
    };
    let token: string | undefined;
    do {
        const answer = await list({ limit: pageSize, _continue: token }, options).catch((error: unknown) => {
            const next = newToken(error);
            if (next === undefined) {
                throw error;
            }
            return { metadata: { _continue: next }, items: [] };
        });
        yield answer.items;
        token = answer.metadata?._continue || undefined;
    } while (token !== undefined);
}

/** All objects of a list, with the fields that count. */
export async function listed<T>(list: List<T>, keep: (object: T) => T): Promise<T[]> {
    const all: T[] = [];
    for await (const items of pages(list, keep)) {
        all.push(...items);
    }
    return all;
}

/** Drops the other fields before the client makes objects of its classes, which takes most of its time. */
function reducer<T>(keep: (object: T) => T): ObservableMiddleware {
    const reduced = async ({ httpStatusCode, headers, body }: ResponseContext) => {
        const list = JSON.parse(await body.text()) as { readonly items: readonly T[] };
        const text = JSON.stringify({ ...list, items: list.items.map(keep) });
        return new ResponseContext(httpStatusCode, headers, {
            text: () => Promise.resolve(text),
            binary: () => Promise.resolve(Buffer.from(text)),
        });
    };
    return {
        pre: (request) => new Observable(Promise.resolve(request)),
        post: (response) =>
            new Observable(response.httpStatusCode === 200 ? reduced(response) : Promise.resolve(response)),
    };
}

/**
 * The token in the answer to one that is too old: the list goes on with the objects as they are now. Objects are
 * neither left out nor listed twice, since pages follow the order of names.
 */
function newToken(error: unknown): string | undefined {
    if (!(error instanceof ApiException) || error.code !== 410 || typeof error.body !== "string") {
        return undefined;
    }
    try {
        const status = JSON.parse(error.body) as { metadata?: { continue?: string } };
        return status.metadata?.continue || undefined;
    } catch {
        return undefined;
    }
}
