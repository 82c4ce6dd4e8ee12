import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GivenUp } from "../adopt/stackFile";
import type { Project } from "../engine/project";
import type { PodIdentity } from "../nodes/forcedPods";
import { isRunning } from "../terminal/processes";
import type { StoppedWorkload } from "../workloads/stopped";
import type { RecordedClaim } from "./claims";
import type { MoveSettings } from "./plan";

/** A move in a journal. */
export interface RecordedMove {
    readonly storage: string;
    readonly ordinal: number;
    /** Name of the PersistentVolume. */
    readonly name: string;
    /** The volume that the disk leaves. */
    readonly volumeId: string;
    /** Number of moves before this one. */
    readonly before: number;
    /** Zone that the disk moves to. */
    readonly zone: string;
    readonly settings: MoveSettings;
}

/** Everything that a command needs to go on after an interruption, or to go back. */
export interface Journal {
    /** The command with its arguments. */
    readonly command: readonly string[];
    readonly startedAt: string;
    /** The process that works on it. */
    readonly process: { readonly pid: number; readonly host: string; readonly program: string };
    /** The kubeconfig's context. */
    readonly context: string;
    readonly region: string;
    readonly moves: readonly RecordedMove[];
    readonly workloads: readonly StoppedWorkload[];
    readonly claims: readonly RecordedClaim[];
    /** Names of the nodes that are out of service meanwhile. */
    readonly lostNodes: readonly string[];
    /** Pods that nobody can report as ended: their nodes are lost. */
    readonly lostPods: readonly PodIdentity[];
    /** Disks that stay where they are. */
    readonly left: readonly string[];
    /** Their pods, with their namespaces. */
    readonly leftPods: readonly string[];
    /** Whether pods may have started on the new volumes: there is no way back from then on. */
    readonly isStarted: boolean;
    /** The new volumes that `--undo` has begun to give up. From then on it is the only way. */
    readonly givenUp?: readonly GivenUp[];
}

/** How long two processes that take over a journal at once may be apart. */
const settleMs = 500;

/** The journal of a stack, in a file beside its settings. */
export class JournalFile {
    private readonly folder: string;
    private readonly path: string;

    public constructor({ configFolder }: Project, stack: string) {
        this.folder = join(configFolder, ".zonal-persistent-storage");
        this.path = join(this.folder, `${stack.replaceAll("/", ".")}.json`);
    }

    /**
     * Reads it.
     *
     * @returns undefined if nothing is under way.
     * @throws Error if another process works on it, or it can't be read.
     */
    public async read(): Promise<Journal | undefined> {
        const text = await readFile(this.path, "utf8").catch((error: unknown) => {
            if (hasCode(error, "ENOENT")) {
                return undefined;
            }
            throw error;
        });
        if (text === undefined) {
            return undefined;
        }
        const journal = journalIn(text);
        if (!journal) {
            throw new Error(
                `${this.path} must be the journal of an interrupted command: it is damaged. Take it from a backup; or start the pods that were ended by hand, delete it, and run the command again`,
            );
        }
        const { pid, host, program } = journal.process;
        if (host === hostname() && pid !== process.pid && isRunning(pid, program)) {
            throw new Error(
                `process ${pid} moves disks of this stack since ${journal.startedAt}: wait for it to end`,
            );
        }
        return journal;
    }

    /**
     * Begins one.
     *
     * @throws Error if another process has begun one meanwhile.
     */
    public async begin(content: Omit<Journal, "process">): Promise<Journal> {
        const journal = ofThisProcess(content);
        const own = `${this.path}.${process.pid}`;
        await this.writeText(own, journal);
        try {
            // Of two processes, one succeeds.
            await link(own, this.path);
        } catch (error) {
            throw hasCode(error, "EEXIST")
                ? new Error("another process began to move disks of this stack meanwhile: wait for it to end")
                : error;
        } finally {
            await rm(own, { force: true });
        }
        return journal;
    }

    /**
     * Goes on with one that was interrupted. Of two processes that do so at once, the last one to write it goes on.
     *
     * @throws Error if another process goes on.
     */
    public async take(journal: Journal): Promise<Journal> {
        const own = await this.write(journal);
        await sleep(settleMs);
        await this.read();
        return own;
    }

    /** Writes it whole, even if this process is killed. Nobody else may read it: pods can have secrets. */
    public async write(content: Omit<Journal, "process">): Promise<Journal> {
        const journal = ofThisProcess(content);
        await this.writeText(`${this.path}.new`, journal);
        await rename(`${this.path}.new`, this.path);
        return journal;
    }

    private async writeText(path: string, journal: Journal): Promise<void> {
        await mkdir(this.folder, { recursive: true, mode: 0o700 });
        await writeFile(join(this.folder, ".gitignore"), "*\n");
        await writeFile(path, JSON.stringify(journal, undefined, 2), { mode: 0o600 });
    }

    public async remove(): Promise<void> {
        await rm(this.path, { force: true });
        const others = await readdir(this.folder).catch(() => []);
        if (others.every((name) => name === ".gitignore")) {
            await rm(this.folder, { recursive: true, force: true });
        }
    }
}

function ofThisProcess(content: Omit<Journal, "process">): Journal {
    const program = basename(process.argv[1] ?? "");
    return { ...content, process: { pid: process.pid, host: hostname(), program } };
}

/** The journal in a text; undefined if it is damaged. */
function journalIn(text: string): Journal | undefined {
    try {
        const journal = JSON.parse(text) as Partial<Journal> | null;
        return journal?.process && journal.moves && journal.workloads ? (journal as Journal) : undefined;
    } catch {
        return undefined;
    }
}

function hasCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code;
}
