import type { Command } from "commander";
import { runProgram } from "../tools/commands/command";
import { Interrupted } from "./interruption";

/** Runs an npm script of the sandbox with its arguments, and ends the process with the status of its work. */
export async function runScript(script: Command, args: readonly string[]): Promise<never> {
    process.exit(await runProgram(script, args, (error) => (error instanceof Interrupted ? 130 : 1)));
}
