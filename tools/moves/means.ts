import type { Project } from "../engine/project";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import type { Line } from "../terminal/answer";
import type { JournalFile } from "./journal";

/** Access, and where the settings are. */
export interface Means {
    readonly clients: Clients;
    readonly pulumi: Pulumi;
    readonly project: Project;
    readonly stack: string;
    readonly journalFile: JournalFile;
    readonly report: (line: Line) => void;
    /** Longest time for pods to end and to start. */
    readonly timeoutSeconds: number;
}
