import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Row } from "../../../tools/acceptance/report";
import { project } from "../cluster/sandbox";
import type { Ended } from "./run";

/** Output of `npm run acceptance -- --json`. */
export interface AcceptanceReport {
    readonly run: string;
    readonly steps: readonly Row[];
    readonly left: readonly object[];
}

/** A process of `npm run acceptance` that can be watched and killed. */
export class AcceptanceRun {
    private readonly printed = { stdout: "", stderr: "" };
    private readonly closed: Promise<number | null>;

    private constructor(private readonly child: ChildProcess) {
        child.stdout?.on("data", (chunk: Buffer) => (this.printed.stdout += chunk.toString()));
        child.stderr?.on("data", (chunk: Buffer) => (this.printed.stderr += chunk.toString()));
        this.closed = once(child, "close").then(([code]) => code as number | null);
    }

    /** Starts it in its own process group, like a shell, with this environment only. */
    public static start(args: readonly string[], env: NodeJS.ProcessEnv): AcceptanceRun {
        const command = [
            require.resolve("ts-node/dist/bin"),
            join(project, "tools", "acceptance", "main.ts"),
            ...args,
        ];
        return new AcceptanceRun(
            spawn(process.execPath, command, {
                cwd: project,
                env,
                detached: true,
                stdio: ["ignore", "pipe", "pipe"],
            }),
        );
    }

    /** Waits until it has printed a text, or has ended. */
    public async waitForOutput(words: RegExp): Promise<void> {
        while (!words.test(this.printed.stderr) && this.child.exitCode === null && !this.child.killed) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** Sends it the signal of Ctrl-C, which a terminal would send to the whole group. */
    public interrupt(): void {
        this.child.kill("SIGINT");
    }

    /** Kills it without its child processes. */
    public kill(): void {
        this.child.kill("SIGKILL");
    }

    /** Kills it with its child processes. */
    public killGroup(): void {
        process.kill(-Number(this.child.pid), "SIGKILL");
    }

    public async ended(): Promise<Ended> {
        const status = (await this.closed) ?? -1;
        return { status, ...this.printed };
    }
}
