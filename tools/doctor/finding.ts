/** A problem that keeps a disk from being used or deleted, and the commands that solve it. */
export interface Finding {
    readonly what: string;
    readonly mend: readonly string[];
}

/** Names in a line, at most five of them. */
export function listNames(names: readonly string[]): string {
    const more = names.length - 5;
    return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
