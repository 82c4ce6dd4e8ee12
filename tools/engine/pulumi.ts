import { spawn } from "node:child_process";

/** Result of a command of the CLI. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Flags that keep the CLI from asking: this tool has asked already. */
export const unattendedFlags = [
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "--suppress-progress",
] as const;

/** Runs commands of the CLI on one stack, in the current folder. */
export class Pulumi {
    private name: string | undefined;

    /**
     * @param environment - Environment of the CLI.
     * @param stack - Undefined for the selected one.
     * @param show - Receives the output of commands that change something.
     */
    public constructor(
        private readonly environment: Readonly<NodeJS.ProcessEnv>,
        private readonly stack: string | undefined,
        private readonly show: (text: string) => void,
    ) {}

    /** A command that only reads. */
    public ask(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
        return this.run(args, variables, () => undefined);
    }

    /** A command that changes something. */
    public do(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
        return this.run(args, variables, this.show);
    }

    /**
     * Name of the stack. The CLI is asked once for the selected one: each start of it takes a fifth of a second.
     *
     * @throws Error with the CLI's message if none is selected.
     */
    public async stackName(): Promise<string> {
        this.name ??= this.stack ?? stdoutOrThrow(await this.ask(["stack", "--show-name"])).trim();
        return this.name;
    }

    private run(
        args: readonly string[],
        variables: NodeJS.ProcessEnv,
        show: (text: string) => void,
    ): Promise<CommandResult> {
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
        // Ctrl-C reaches the CLI as well: wait until it has ended in order.
        const ignoreSignal = () => undefined;
        process.on("SIGINT", ignoreSignal);
        return new Promise<CommandResult>((resolve, reject) => {
            child.on("error", ({ code, message }: NodeJS.ErrnoException) =>
                reject(new Error(code === "ENOENT" ? "there is no Pulumi CLI on the PATH" : message)),
            );
            child.on("close", (code) => resolve({ code: code ?? 1, ...printed }));
        }).finally(() => process.off("SIGINT", ignoreSignal));
    }
}

/** The error message of a failed command. */
export function errorOf({ stdout, stderr }: CommandResult): string {
    const text = stderr.trim() || stdout.trim();
    return text.replace(/^error: /, "");
}

/**
 * Standard output of a command.
 *
 * @throws Error with the CLI's message if it has failed.
 */
export function stdoutOrThrow(answer: CommandResult): string {
    if (answer.code !== 0) {
        throw new Error(`pulumi says "${errorOf(answer)}"`);
    }
    return answer.stdout;
}

/**
 * Runs a command that changes something.
 *
 * @throws Error with the CLI's errors if it fails. All of its output was shown before.
 */
export async function doOrThrow(pulumi: Pulumi, args: readonly string[]): Promise<void> {
    const answer = await pulumi.do(args);
    if (answer.code !== 0) {
        const [, diagnostics] = /^Diagnostics:\n([^]*?)\n(?=Resources:|Duration:)/m.exec(answer.stdout) ?? [];
        throw new Error(`pulumi ${args[0]} failed: ${diagnostics?.trim() ?? errorOf(answer)}`);
    }
}
