import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
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

/** A process that works on a journal. */
interface Worker {
    /** Ids of processes are used again, this one isn't. */
    readonly id: string;
    readonly pid: number;
    readonly host: string;
    readonly program: string;
}

const self: Worker = {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    program: basename(process.argv[1] ?? ""),
};

/** Everything that a command needs to go on after an interruption, or to go back. */
export interface Journal {
    /** The command with its arguments. */
    readonly command: readonly string[];
    readonly startedAt: string;
    /** The process that works on it. */
    readonly process: Worker;
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
        const text = await readIfThere(this.path);
        if (text === undefined) {
            return undefined;
        }
        const journal = journalIn(text);
        if (!journal) {
            throw new Error(
                `${this.path} must be the journal of an interrupted command: it is damaged. Take it from a backup; or start the pods that were ended by hand, delete it, and run the command again`,
            );
        }
        throwIfRunning(journal.process);
        return journal;
    }

    /**
     * Begins one.
     *
     * @throws Error if another process has begun one meanwhile.
     */
    public async begin(content: Omit<Journal, "process">): Promise<Journal> {
        const journal = { ...content, process: self };
        if (!(await this.create(this.path, journal))) {
            throw atWork("another process");
        }
        return journal;
    }

    /**
     * Goes on with one that was interrupted.
     *
     * @throws Error if another process does.
     */
    public async take(journal: Journal): Promise<Journal> {
        const locks = await this.lock(journal.process);
        try {
            const now = await this.read();
            if (now?.process.id !== journal.process.id) {
                throw atWork("another process");
            }
            return await this.write(journal);
        } finally {
            await Promise.all(locks.map((path) => rm(path, { force: true })));
        }
    }

    /**
     * Takes the place of a process that has ended. Of several that try to, one makes the file with the former one's id. If
     * that one was killed before it had written the journal, its own place is taken.
     *
     * @returns the files that this process made or has to remove.
     */
    private async lock(former: Worker): Promise<readonly string[]> {
        const paths: string[] = [];
        for (let last = former; ;) {
            const path = `${this.path}.after-${last.id}`;
            paths.push(path);
            if (await this.create(path, self)) {
                return paths;
            }
            const text = await readIfThere(path);
            if (text === undefined) {
                throw atWork("another process");
            }
            last = JSON.parse(text) as Worker;
            throwIfRunning(last);
        }
    }

    /** Writes it whole, even if this process is killed. Nobody else may read it: pods can have secrets. */
    public async write(content: Omit<Journal, "process">): Promise<Journal> {
        const journal = { ...content, process: self };
        await rename(await this.draft(journal), this.path);
        return journal;
    }

    /** Removes it, with what killed processes have left. */
    public async remove(): Promise<void> {
        const isOwn = (name: string) => name.startsWith(`${basename(this.path)}.`);
        const names = await readdir(this.folder).catch(() => []);
        await Promise.all(names.filter(isOwn).map((name) => rm(join(this.folder, name), { force: true })));
        await rm(this.path, { force: true });
        const others = await readdir(this.folder).catch(() => []);
        if (others.every((name) => name === ".gitignore")) {
            await rm(this.folder, { recursive: true, force: true });
        }
    }

    /** Creates a file, whole. Of two processes that do so at once, one succeeds. */
    private async create(path: string, content: object): Promise<boolean> {
        const draft = await this.draft(content);
        try {
            await link(draft, path);
            return true;
        } catch (error) {
            if (hasCode(error, "EEXIST")) {
                return false;
            }
            throw error;
        } finally {
            await rm(draft, { force: true });
        }
    }

    private async draft(content: object): Promise<string> {
        const path = `${this.path}.${self.id}`;
        await mkdir(this.folder, { recursive: true, mode: 0o700 });
        await writeFile(join(this.folder, ".gitignore"), "*\n");
        await writeFile(path, JSON.stringify(content, undefined, 2), { mode: 0o600 });
        return path;
    }
}

function readIfThere(path: string): Promise<string | undefined> {
    return readFile(path, "utf8").catch((error: unknown) => {
        if (hasCode(error, "ENOENT")) {
            return undefined;
        }
        throw error;
    });
}

function throwIfRunning({ pid, host, program }: Worker): void {
    if (host === self.host && pid !== self.pid && isRunning(pid, program)) {
        throw atWork(`process ${pid}`);
    }
}

function atWork(who: string): Error {
    return new Error(`${who} moves disks of this stack: wait for it to end, then run the command again`);
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
