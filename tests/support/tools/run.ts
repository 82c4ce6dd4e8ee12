import { execFile } from "node:child_process";
import { join } from "node:path";
import { project } from "../cluster/sandbox";

/** Result of a program of this project. */
export interface Ended {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** The command-line program in a clone. */
export const commandLineProgram = join(project, "bin.cjs");

/** Runs a command of the command-line program with these arguments and this environment only. */
export function runCommand(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd = project,
): Promise<Ended> {
    return runProgram("bin.cjs", [command, ...args], env, cwd);
}

/** Runs a program of this project with these arguments and this environment only. */
export function runProgram(
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd = project,
): Promise<Ended> {
    const runner = file.endsWith(".ts") ? [require.resolve("ts-node/dist/bin")] : [];
    const command = [...runner, join(project, file), ...args];
    return new Promise((resolve) =>
        execFile(process.execPath, command, { cwd, env }, (error, stdout, stderr) =>
            resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
        ),
    );
}
