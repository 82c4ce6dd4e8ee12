import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processExists } from "../tools/terminal/processes";

/** Attached processes end with their parent, even if it is killed; detached ones run until they are stopped. */
export type Mode = "attached" | "detached";

/** A server to start. */
export interface Program {
    /** Name of its log and of its record. */
    name: string;
    /** Absolute path of its executable. */
    command: string;
    args: readonly string[];
}

/** A process of a sandbox. */
export interface RecordedProcess {
    name: string;
    pid: number;
    command: string;
}

/** The servers of one sandbox that start, fail and stop together. */
export class ProcessGroup {
    private readonly children = new Map<string, ChildProcess>();

    /**
     * @param directory - The sandbox's folder, for logs and records.
     * @param signal - Ends every wait.
     */
    public constructor(
        private readonly directory: string,
        private readonly mode: Mode,
        private readonly signal: AbortSignal,
    ) {}

    /** Starts a program, whose environment has only the PATH of this process. */
    public async start({ name, command, args }: Program): Promise<void> {
        await mkdir(path.join(this.directory, "processes"), { recursive: true });
        this.signal.throwIfAborted();
        const attached = this.mode === "attached";
        const log = openSync(this.logFile(name), "w", 0o600);
        const child = spawn(command, args, {
            cwd: this.directory,
            env: {
                PATH: process.env["PATH"],
                HOME: this.directory,
                TMPDIR: this.directory,
                ...(attached && { EXIT_WITH_STDIN: "1" }),
            },
            // In its own session, so that Ctrl-C doesn't end it before its parent does.
            detached: true,
            stdio: [attached ? "pipe" : "ignore", log, log],
        });
        closeSync(log);
        this.children.set(name, child);
        child.unref();
        child.on("error", () => undefined); // waitUntil reports a process without an id
        (child.stdin as Socket | null)?.on("error", () => undefined).unref();
        if (child.pid !== undefined) {
            const record: RecordedProcess = { name, pid: child.pid, command };
            // Others may read the records at any time: none is ever half written.
            const file = recordFile(this.directory, name);
            writeFileSync(`${file}.partial`, JSON.stringify(record));
            renameSync(`${file}.partial`, file);
        }
    }

    /**
     * Waits until a process is ready.
     *
     * @throws PortTaken, or Error with the last lines of the log, as soon as any process of the group ends.
     */
    public async waitUntil(
        name: string,
        ready: () => boolean | Promise<boolean>,
        seconds: number,
    ): Promise<void> {
        const deadline = Date.now() + seconds * 1000;
        while (!(await ready())) {
            this.throwIfEnded();
            if (Date.now() > deadline) {
                throw new Error(`${name} was not ready after ${seconds} s; ${this.endOfLog(name)}`);
            }
            await sleep(20, undefined, { signal: this.signal });
        }
        this.throwIfEnded();
    }

    /** Whether a process has written a text to its log. */
    public logHas(name: string, text: string): boolean {
        return readFileSync(this.logFile(name), "utf8").includes(text);
    }

    /** Runs `start` with free ports, and again if another program has taken one meanwhile. */
    public async withFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
        for (let attempt = 1; ; attempt++) {
            try {
                return await start(await freePorts(count));
            } catch (error) {
                if (!(error instanceof PortTaken) || attempt === 5) {
                    throw error;
                }
                await stopProcesses(this.directory, [...this.children.keys()]);
                this.children.clear();
            }
        }
    }

    private throwIfEnded(): void {
        for (const [name, { pid, exitCode, signalCode }] of this.children) {
            if (pid === undefined || exitCode !== null || signalCode !== null) {
                const message = `${name} ended (${exitCode ?? signalCode ?? "it could not be started"})`;
                const taken = /address already in use/i.test(readFileSync(this.logFile(name), "utf8"));
                throw new (taken ? PortTaken : Error)(`${message}; ${this.endOfLog(name)}`);
            }
        }
    }

    private endOfLog(name: string): string {
        const lines = readFileSync(this.logFile(name), "utf8").trimEnd().split("\n").slice(-8);
        const shortened = lines.map((line) => line.slice(0, 300));
        return [`its log, ${this.logFile(name)}, ends with:`, ...shortened].join("\n    ");
    }

    private logFile(name: string): string {
        return path.join(this.directory, `${name}.log`);
    }
}

/** A process ended because its port was taken. */
class PortTaken extends Error {}

/** Ports of 127.0.0.1 that nothing listens on. */
async function freePorts(count: number): Promise<number[]> {
    const servers = Array.from({ length: count }, () => createServer());
    const ports = await Promise.all(
        servers.map(async (server) => {
            await new Promise<void>((resolve, reject) => {
                server.once("error", reject).listen(0, "127.0.0.1", resolve);
            });
            return (server.address() as AddressInfo).port;
        }),
    );
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}

/** Running processes of a sandbox, from its records. */
export function runningProcesses(directory: string): RecordedProcess[] {
    let files: string[];
    try {
        files = readdirSync(path.join(directory, "processes"));
    } catch {
        return [];
    }
    return files
        .filter((file) => file.endsWith(".json"))
        .map((file) => readFileSync(path.join(directory, "processes", file), "utf8"))
        .map((record) => JSON.parse(record) as RecordedProcess)
        .filter(processRuns);
}

/** How long to wait for a process to end, in milliseconds. One that is killed ends as soon as the kernel has the time. */
const patience = { SIGTERM: 500, SIGKILL: 10_000 };

/** Ends all or some processes of a sandbox. Kills those that still run after half a second: they have nothing to save. */
export async function stopProcesses(directory: string, names?: readonly string[]): Promise<void> {
    const processes = runningProcesses(directory).filter(({ name }) => names?.includes(name) ?? true);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        processes.filter(processRuns).forEach(({ pid }) => process.kill(pid, signal));
        for (let waited = 0; waited < patience[signal] && processes.some(processRuns); waited += 20) {
            await sleep(20);
        }
    }
    processes.forEach(({ name }) => rmSync(recordFile(directory, name), { force: true }));
    const left = processes.filter(processRuns);
    if (left.length > 0) {
        throw new Error(
            `could not stop ${left.map(({ name, pid }) => `${name} (process ${pid})`).join(", ")}`,
        );
    }
}

/** Whether a recorded process still runs. Its id may belong to another program by now. */
function processRuns({ pid, command }: RecordedProcess): boolean {
    if (!processExists(pid)) {
        return false;
    }
    try {
        return process.platform === "linux"
            ? readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(command)
            : execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(
                  command,
              );
    } catch {
        return false;
    }
}

function recordFile(directory: string, name: string): string {
    return path.join(directory, "processes", `${name}.json`);
}
