import { project } from "./sandbox";
import { runProgram } from "./run";
import type { Ended } from "./run";

/** How the doctor ended. */
export type Examination = Ended;

/** Runs `npm run doctor` with these arguments, in this environment and no other. */
export function runDoctor(
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    cwd = project,
): Promise<Examination> {
    return runProgram("doctor/main.ts", args, env, cwd);
}
