import type { Command } from "commander";
import { runProgram } from "../tools/commands/command";
import { Interrupted } from "./interruption";
import { withoutProxies } from "./proxies";

/** Runs an npm script of the sandbox with its arguments, and ends the process with the status that its work has set. */
export async function runScript(script: Command, args: readonly string[]): Promise<never> {
    // This process talks to its servers, too: from Node.js 24 on, fetch uses a proxy with NODE_USE_ENV_PROXY.
    Object.assign(process.env, withoutProxies(process.env));
    const failed = await runProgram(script, args, (error) => (error instanceof Interrupted ? 130 : 1));
    // An undefined status would be a 0 from Node.js 20 on, whatever the work has set.
    process.exit(failed ?? process.exitCode);
}
