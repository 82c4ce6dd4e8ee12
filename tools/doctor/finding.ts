/** Something that keeps a disk from being used or let go of, and the commands that mend it. */
export interface Finding {
    readonly what: string;
    readonly mend: readonly string[];
}

/** The first of many names. */
export function some(names: readonly string[]): string {
    const more = names.length - 5;
    return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
