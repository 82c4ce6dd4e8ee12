import { spawn } from "node:child_process";
import { kill } from "../../../sandbox/engine/cli";
import type { CommandOptions, PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { commandLineProgram } from "./run";
import type { Ended } from "./run";
import { withHost } from "../cli/programHost";

type CommandRunOptions = Pick<CommandOptions, "kill" | "report" | "ownProcess">;

/**
 * Runs a command of the command-line program in the folder of a CLI's stack. A kill ends its child processes as well: a
 * command that may be killed starts processes of its own, like a CLI of the tests.
 */
export async function runOnStack(
    command: string,
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[],
    { kill: signal, report, ownProcess = signal !== undefined }: CommandRunOptions = {},
): Promise<Ended> {
    const run = [commandLineProgram, command, ...args];
    const own = { ...process.env, ...environment, ...cli.stackEnvironment };
    const env = ownProcess ? own : await withHost(cli, own);
    const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
    const child = spawn(process.execPath, run, { cwd: cli.project, env, stdio, detached: true });
    cli.track(child, true);
    signal?.addEventListener("abort", () => kill(child, true));
    const printed = { stdout: "", stderr: "" };
    (["stdout", "stderr"] as const).forEach((stream) =>
        child[stream].setEncoding("utf8").on("data", (text: string) => {
            printed[stream] += text;
            report?.(text);
        }),
    );
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on(signal ? "exit" : "close", (status: number | null) =>
            resolve({ status: status ?? -1, ...printed }),
        );
    });
}

/** Runs `recover` in the folder of a CLI's stack. */
export function runRecover(
    cli: PulumiCli,
    servers: Pick<Servers, "environment">,
    args: readonly string[],
    options?: CommandRunOptions,
): Promise<Ended> {
    return runOnStack("recover", cli, servers, args, options);
}
