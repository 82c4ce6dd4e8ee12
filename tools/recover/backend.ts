import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";

/** Who holds a stack's lock, as the file backends and `pulumi` itself have it. */
export interface Lock {
    readonly pid: number;
    readonly username: string;
    readonly hostname: string;
    readonly timestamp: string;
}

/** A stack in a file backend, or all stacks of a project where `stack` is undefined. */
export interface StateFolder {
    /** The folder `.pulumi`. */
    readonly directory: string;
    readonly project: string;
    readonly stack: string | undefined;
}

/** The folder that a backend's address names; undefined for one that isn't in files. */
export function directoryOf(url: string, cwd = process.cwd()): string | undefined {
    const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
    if (path === undefined) {
        return undefined;
    }
    return join(path.startsWith("~") ? join(homedir(), path.slice(1)) : resolve(cwd, path), ".pulumi");
}

/** Locks that processes have taken, which they remove when they end in order (pulumi 3.260, backend/diy/lock.go). */
export function locksIn(folder: StateFolder): Lock[] {
    return filesIn(folder, lockFolders)
        .filter((file) => file.endsWith(".json"))
        .map((file) => JSON.parse(readFileSync(file, "utf8")) as Lock);
}

/**
 * Files that a kill has left beside the state and that aren't part of it: metadata that can't be read, which keeps the
 * CLI from reading the state, and copies that were being written (gocloud.dev 0.46, blob/fileblob: the metadata is
 * written in place, everything else beside its place).
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

/** Whether the process that took a lock still runs; undefined if only another machine knows. */
export function isAlive({ pid, hostname: host }: Lock): boolean | undefined {
    if (host !== hostname()) {
        return undefined;
    }
    try {
        process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    // Another program may have the number by now.
    const commandLine = `/proc/${pid}/cmdline`;
    return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes("pulumi");
}

/** Locks in what the CLI says of a stack that is locked. */
export function locksInMessage(text: string): Lock[] {
    const lines = text.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g);
    return [...lines].map(([, username = "", host = "", pid, timestamp = ""]) => ({
        pid: Number(pid),
        username,
        hostname: host,
        timestamp,
    }));
}

// With the project in their path, and of the time before: https://www.pulumi.com/docs/iac/concepts/state-and-backends/.
const lockFolders = ["locks/organization/<project>", "locks"];
const stateFolders = ["stacks/<project>", "stacks", "history/<project>", "backups/<project>"];

/** Files of the stack in these folders: `<stack>.json` and the like, and all in folders that are called after it. */
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
