import { execFile } from "node:child_process";
import { join } from "node:path";
import { project } from "./sandbox";

/** How the doctor ended. */
export interface Examination {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Runs `npm run doctor` with these arguments, in this environment and no other. */
export function runDoctor(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd = project,
): Promise<Examination> {
    const command = [require.resolve("ts-node/dist/bin"), join(project, "doctor", "main.ts"), ...args];
    return new Promise((resolve) =>
        execFile(process.execPath, command, { cwd, env }, (error, stdout, stderr) =>
            resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
        ),
    );
}
