/** Name of an object in messages, such as `StatefulSet default/web`. */
export function textOf({
    kind,
    namespace,
    name,
}: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
}): string {
    return `${kind} ${namespace}/${name}`;
}

/** Lines about steps, for progress and messages. */
export interface Outcome {
    /** Changes that were made: none when a step is repeated. */
    readonly done: readonly string[];
    /** Objects that were left as they are because somebody has changed or deleted them meanwhile. */
    readonly problems: readonly string[];
}

/** Outcomes of steps as one. */
export function outcomeOf(steps: readonly Outcome[]): Outcome {
    return {
        done: steps.flatMap(({ done }) => done),
        problems: steps.flatMap(({ problems }) => problems),
    };
}

/** The outcome of a step that made one change. */
export function did(line: string): Outcome {
    return { done: [line], problems: [] };
}

/** The outcome of a step that left an object as it is. */
export function leftAlone(line: string): Outcome {
    return { done: [], problems: [line] };
}

/** The outcome of a step that had nothing to do. */
export const nothing: Outcome = { done: [], problems: [] };
