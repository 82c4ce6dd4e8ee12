import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processExists } from "../tools/terminal/processes";

/** A directory that takes long to build and that all sandboxes share. */
export interface CacheEntry {
    /** Prefix of its directory's name. */
    name: string;
    /** Texts that determine its contents: other inputs make another entry. */
    inputs: readonly string[];
    /** Builds it in an empty directory, which is not renamed afterwards. */
    build(directory: string): Promise<void>;
    /** Receives progress, line by line. */
    report(line: string): void;
    signal: AbortSignal;
}

/**
 * Returns the directory of a cache entry, and builds it first if necessary. The entry's name is a symbolic link, created
 * when the build is complete: an incomplete directory is never used.
 */
export async function cached(entry: CacheEntry): Promise<string> {
    const hash = createHash("sha256");
    for (const input of [process.platform, process.arch, ...entry.inputs]) {
        hash.update(`${input.length}:${input}`);
    }
    const link = path.join(cacheDirectory(), `${entry.name}-${hash.digest("hex").slice(0, 16)}`);
    const complete = await target(link);
    if (complete !== undefined) {
        return complete;
    }
    await prepare(path.dirname(link));
    return withLock(link, entry, async () => (await target(link)) ?? (await build(link, entry)));
}

/** @throws Error if the folder can't be written to, as in a read-only home. */
async function prepare(folder: string): Promise<void> {
    try {
        await fs.mkdir(folder, { recursive: true });
        await fs.access(folder, fs.constants.W_OK);
    } catch (error) {
        throw new Error(
            `can't write to ${folder}: set XDG_CACHE_HOME to a folder that can be written to (${lastLine(error)})`,
        );
    }
}

/** Directory of cache entries: outside the checkout, so that all checkouts share them. */
function cacheDirectory(): string {
    const base = process.env["XDG_CACHE_HOME"] || path.join(os.homedir(), ".cache");
    return path.join(base, "zonal-persistent-storage");
}

/** Tells whether an error is a system error of that code. */
function hasCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code;
}

/** Last line of an error, where commands give the reason. */
export function lastLine(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return text.trim().split("\n").at(-1) ?? "";
}

async function target(link: string): Promise<string | undefined> {
    try {
        return await fs.realpath(link);
    } catch {
        return undefined;
    }
}

async function build(link: string, entry: CacheEntry): Promise<string> {
    await removeLeftovers(link);
    const directory = await fs.mkdtemp(`${link}.${process.pid}.`);
    try {
        await entry.build(directory);
        await fs.symlink(path.basename(directory), `${directory}.link`);
        await fs.rename(`${directory}.link`, link);
    } catch (error) {
        await fs.rm(directory, { recursive: true, force: true });
        throw error;
    }
    return directory;
}

/** Removes leftovers of killed builders: files with the id of a process that has ended. */
async function removeLeftovers(link: string): Promise<void> {
    const prefix = `${path.basename(link)}.`;
    for (const name of await fs.readdir(path.dirname(link))) {
        const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : NaN;
        if (!Number.isNaN(pid) && !processExists(pid)) {
            await fs.rm(path.join(path.dirname(link), name), { recursive: true, force: true });
        }
    }
}

/**
 * Runs `work` in one process at a time. The lock only saves a second build: without it, two builders would both end
 * with a complete directory.
 */
async function withLock<T>(link: string, entry: CacheEntry, work: () => Promise<T>): Promise<T> {
    const lock = `${link}.lock`;
    let hasReported = false;
    // The target of the symbolic link is its owner's id, so that there is never a lock without an owner.
    while (!(await succeeds(fs.symlink(String(process.pid), lock), "EEXIST"))) {
        const owner = await ownerOf(lock);
        if (owner === undefined) {
            continue; // released meanwhile
        }
        if (!processExists(owner)) {
            await fs.rm(lock, { force: true });
            continue;
        }
        if (!hasReported) {
            entry.report(
                `waiting for process ${owner}, which builds the same (if it doesn't, delete ${lock})`,
            );
            hasReported = true;
        }
        await sleep(250, undefined, { signal: entry.signal });
    }
    try {
        return await work();
    } finally {
        await fs.rm(lock, { force: true });
    }
}

async function ownerOf(lock: string): Promise<number | undefined> {
    try {
        return Number.parseInt(await fs.readlink(lock), 10);
    } catch (error) {
        if (hasCode(error, "ENOENT")) {
            return undefined;
        }
        throw error;
    }
}

async function succeeds(attempt: Promise<void>, otherwise: string): Promise<boolean> {
    try {
        await attempt;
        return true;
    } catch (error) {
        if (hasCode(error, otherwise)) {
            return false;
        }
        throw error;
    }
}
