import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { runCommand } from "./run";
import type { Ended } from "./run";

/** Runs `map` in the folder of a CLI's stack. */
export function runMapOn(
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[],
): Promise<Ended> {
    return runCommand("map", args, { ...process.env, ...environment, ...cli.stackEnvironment }, cli.project);
}
