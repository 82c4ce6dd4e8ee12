import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { project } from "../cluster/sandbox";
import { runCommand } from "./run";
import type { Ended } from "./run";

/** Runs `doctor` with these arguments and this environment only. */
export function runDoctor(args: readonly string[], env: NodeJS.ProcessEnv, cwd = project): Promise<Ended> {
    return runCommand("doctor", args, env, cwd);
}

/** Runs `doctor` in the folder of a CLI's stack. */
export function runDoctorOn(
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[] = [],
): Promise<Ended> {
    return runDoctor(args, { ...process.env, ...environment, ...cli.stackEnvironment }, cli.project);
}
