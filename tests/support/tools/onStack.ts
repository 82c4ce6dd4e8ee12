import { spawn } from "node:child_process";
import { join } from "node:path";
import { kill } from "../../../sandbox/engine/cli";
import type { CommandOptions, PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import type { Ended } from "./run";
import { project } from "../cluster/sandbox";

/** Runs a command of the command-line program in the folder of a CLI's stack. A kill ends its child processes as well. */
export function runOnStack(
    command: string,
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[],
    { kill: signal, report }: Pick<CommandOptions, "kill" | "report"> = {},
): Promise<Ended> {
    const run = [require.resolve("ts-node/dist/bin"), join(project, "tools", "main.ts"), command, ...args];
    const env = { ...process.env, ...environment, ...cli.stackEnvironment };
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
    options?: Parameters<typeof runOnStack>[4],
): Promise<Ended> {
    return runOnStack("recover", cli, servers, args, options);
}
