import { createHash, randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Something that takes long to build, is the same for every sandbox and so is built once. */
export interface CacheEntry {
    /** First part of its directory's name. */
    name: string;
    /** What its contents depend on; anything else here is another entry. */
    inputs: readonly string[];
    /** Builds it into an empty directory, which keeps its name. */
    build(directory: string): Promise<void>;
    /** Told, a line at a time, what is waited for. */
    report(line: string): void;
    signal: AbortSignal;
}

/**
 * Returns the directory of a cache entry and builds it first where that was not done yet. The entry's
 * own name is a symbolic link, set when the build is complete: a directory is there whole or not at all.
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
    await fs.mkdir(path.dirname(link), { recursive: true });
    return withLock(link, entry, async () => (await target(link)) ?? (await build(link, entry)));
}

/** Where cache entries are kept: outside the checkout, so that every checkout shares them. */
export function cacheDirectory(): string {
    const base = process.env["XDG_CACHE_HOME"] || path.join(os.homedir(), ".cache");
    return path.join(base, "zonal-persistent-storage");
}

/** Tells whether a process with that id exists. */
export function processExists(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return hasCode(error, "EPERM");
    }
}

/** Tells whether an error is a system error of that code. */
export function hasCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code;
}

/** What an error says at its end, which is where commands give their reason. */
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

/** Removes what builders that were killed have left: everything named after a process that is gone. */
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
 * Runs `work` in one process at a time. The lock only saves a second build: two builders at once would
 * still both end with a whole directory.
 */
async function withLock<T>(link: string, entry: CacheEntry, work: () => Promise<T>): Promise<T> {
    const lock = `${link}.lock`;
    const own = `${link}.${process.pid}.${randomUUID()}`;
    await fs.writeFile(own, String(process.pid));
    try {
        let told = false;
        // A hard link, because it is made with its content: a lock without an owner is never seen.
        while (!(await succeeds(fs.link(own, lock), "EEXIST"))) {
            const owner = await ownerOf(lock);
            if (owner === undefined) {
                continue; // released in between
            }
            if (!processExists(owner)) {
                await breakLock(lock, own);
                continue;
            }
            if (!told) {
                entry.report(
                    `waiting for process ${owner}, which builds the same (if it does not, delete ${lock})`,
                );
                told = true;
            }
            await sleep(250, undefined, { signal: entry.signal });
        }
    } finally {
        await fs.rm(own);
    }
    try {
        return await work();
    } finally {
        await fs.rm(lock, { force: true });
    }
}

/** Takes a dead owner's lock away, and gives it back if another process took it over just before. */
async function breakLock(lock: string, own: string): Promise<void> {
    const taken = `${own}.stale`;
    if (!(await succeeds(fs.rename(lock, taken), "ENOENT"))) {
        return;
    }
    const owner = await ownerOf(taken);
    if (owner !== undefined && processExists(owner)) {
        await succeeds(fs.link(taken, lock), "EEXIST");
    }
    await fs.rm(taken);
}

async function ownerOf(lock: string): Promise<number | undefined> {
    try {
        return Number.parseInt(await fs.readFile(lock, "utf8"), 10);
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
