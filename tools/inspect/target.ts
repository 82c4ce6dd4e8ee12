/** What to look at. */
export interface Target {
    /** Name of the cluster in its volumes' tags. */
    readonly cluster?: string;
    /** The stack whose state to look at; the selected one unless told otherwise. */
    readonly stack?: string;
    /** A file with what `pulumi stack export` prints, in place of a stack. */
    readonly state?: string;
}

/** Told, a line at a time, what couldn't be looked at and why. */
export type Note = (line: string) => void;
