/** The cluster and the stack to inspect. */
export interface Target {
    /** Name of the cluster in its volumes' tags. */
    readonly cluster?: string;
    /** The stack whose state to read; by default the selected one. */
    readonly stack?: string;
    /** A file with the output of `pulumi stack export`, in place of a stack. */
    readonly state?: string;
    /** The AWS region to look at; by default the stack's. */
    readonly region?: string;
}

/** Receives a line for each source that could not be read, with the reason. */
export type Note = (line: string) => void;
