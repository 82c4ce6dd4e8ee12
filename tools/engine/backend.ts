import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { isRunning } from "../terminal/processes";

/** A stack's lock, as file backends and the CLI describe it. */
export interface Lock {
    readonly pid: number;
    readonly username: string;
    readonly hostname: string;
    readonly timestamp: string;
}

/** A stack in a file backend, or all stacks of a project if `stack` is undefined. */
export interface StateFolder {
    /** The folder `.pulumi`. */
    readonly directory: string;
    readonly project: string;
    readonly stack: string | undefined;
}

/** The folder of a file backend's address; undefined for other backends. */
export function directoryOf(url: string, cwd = process.cwd()): string | undefined {
    const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
    if (path === undefined) {
        return undefined;
    }
    return join(path.startsWith("~") ? join(homedir(), path.slice(1)) : resolve(cwd, path), ".pulumi");
}

/** Existing locks. A process removes its own when it ends in order (pulumi 3.260, backend/diy/lock.go). */
export function locksIn(folder: StateFolder): Lock[] {
    return filesIn(folder, lockFolders)
        .filter((file) => file.endsWith(".json"))
        .map((file) => JSON.parse(readFileSync(file, "utf8")) as Lock);
}

/**
 * Files left beside the state by a killed process: incomplete metadata, which keeps the CLI from reading the state, and
 * incomplete copies (gocloud.dev 0.46, blob/fileblob: metadata is written in place, everything else to a copy first).
 */
export function damagedFiles(folder: StateFolder): string[] {
    const meta = join(folder.directory, "meta.yaml.attrs");
    const files = [
        ...filesIn(folder, [...lockFolders, ...stateFolders]),
        ...(existsSync(meta) ? [meta] : []),
    ];
    return files.filter(
        (file) => /\.[0-9a-f]+\.tmp$/.test(file) || (file.endsWith(".attrs") && !isJson(file)),
    );
}

/** Whether the process of a lock still runs; undefined if the lock is from another machine. */
export function isAlive({ pid, hostname: host }: Lock): boolean | undefined {
    if (host !== hostname()) {
        return undefined;
    }
    return isRunning(pid, "pulumi");
}

/** The process that holds a lock, for messages. */
export function describeLock({ pid, username, hostname, timestamp }: Lock): string {
    return `process ${pid} of ${username} on ${hostname}, since ${timestamp}`;
}

/** Locks in the CLI's message on a locked stack. */
export function locksInMessage(text: string): Lock[] {
    const lines = text.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g);
    return [...lines].map(([, username = "", host = "", pid, timestamp = ""]) => ({
        pid: Number(pid),
        username,
        hostname: host,
        timestamp,
    }));
}

// With the project in the path, and as older CLIs wrote it: https://www.pulumi.com/docs/iac/concepts/state-and-backends/.
const lockFolders = ["locks/organization/<project>", "locks"];
const stateFolders = ["stacks/<project>", "stacks", "history/<project>", "backups/<project>"];

/** The stack's files in these folders: `<stack>.json` and the like, and all files in folders of its name. */
function filesIn({ directory, project, stack }: StateFolder, folders: readonly string[]): string[] {
    return folders.flatMap((name) => {
        const folder = join(directory, name.replace("<project>", project));
        return entries(folder)
            .filter((entry) => stack === undefined || entry === stack || entry.startsWith(`${stack}.`))
            .filter((entry) => stack !== undefined || name.includes("<project>") || entry.includes("."))
            .flatMap((entry) => {
                const path = join(folder, entry);
                return statSync(path).isDirectory() ? entries(path).map((file) => join(path, file)) : [path];
            });
    });
}

function entries(folder: string): string[] {
    return existsSync(folder) ? readdirSync(folder) : [];
}

function isJson(file: string): boolean {
    try {
        JSON.parse(readFileSync(file, "utf8"));
        return true;
    } catch {
        return false;
    }
}
