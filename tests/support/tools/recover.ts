import { spawn } from "node:child_process";
import { join } from "node:path";
import { kill } from "../../../sandbox/engine/cli";
import type { CommandOptions, PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import type { Ended } from "./run";
import { project } from "../cluster/sandbox";

/** Runs `recover` in the folder of a CLI's stack. A kill ends its child processes as well. */
export function runRecover(
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[],
    { kill: signal, report }: Pick<CommandOptions, "kill" | "report"> = {},
): Promise<Ended> {
    const command = [
        require.resolve("ts-node/dist/bin"),
        join(project, "tools", "main.ts"),
        "recover",
        ...args,
    ];
    const env = { ...process.env, ...environment, ...cli.stackEnvironment };
    const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
    const child = spawn(process.execPath, command, { cwd: cli.project, env, stdio, detached: true });
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
