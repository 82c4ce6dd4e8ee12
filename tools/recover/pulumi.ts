import { spawn } from "node:child_process";

/** How a command of the CLI ended. */
export interface Answer {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Runs commands of the CLI on one stack, as the user would in this folder and with these settings. */
export class Pulumi {
    /**
     * @param environment - The CLI's.
     * @param stack - The selected one if it is undefined.
     * @param show - Gets what commands that change something print, as they print it.
     */
    public constructor(
        private readonly environment: Readonly<NodeJS.ProcessEnv>,
        private readonly stack: string | undefined,
        private readonly show: (text: string) => void,
    ) {}

    /** A command that only reads. */
    public ask(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Answer> {
        return this.run(args, variables, () => undefined);
    }

    /** A command that changes something. */
    public do(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Answer> {
        return this.run(args, variables, this.show);
    }

    private run(
        args: readonly string[],
        variables: NodeJS.ProcessEnv,
        show: (text: string) => void,
    ): Promise<Answer> {
        const stack = this.stack === undefined || args[0] === "whoami" ? [] : [`--stack=${this.stack}`];
        const child = spawn("pulumi", [...args, "--non-interactive", ...stack], {
            env: { ...this.environment, PULUMI_SKIP_UPDATE_CHECK: "true", ...variables },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const printed = { stdout: "", stderr: "" };
        (["stdout", "stderr"] as const).forEach((stream) =>
            child[stream].setEncoding("utf8").on("data", (text: string) => {
                printed[stream] += text;
                show(text);
            }),
        );
        // Ctrl-C reaches the CLI as well, which then ends its work in order: wait for that.
        const waitForIt = () => undefined;
        process.on("SIGINT", waitForIt);
        return new Promise<Answer>((resolve, reject) => {
            child.on("error", ({ code, message }: NodeJS.ErrnoException) =>
                reject(new Error(code === "ENOENT" ? "there is no Pulumi CLI on the PATH" : message)),
            );
            child.on("close", (code) => resolve({ code: code ?? 1, ...printed }));
        }).finally(() => process.off("SIGINT", waitForIt));
    }
}

/** The message of a failed command, without its usage and the rest of what it printed. */
export function errorOf({ stdout, stderr }: Answer): string {
    const text = stderr.trim() || stdout.trim();
    return text.replace(/^error: /, "");
}
