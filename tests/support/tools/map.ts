import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { runProgram } from "./run";
import type { Ended } from "./run";

/** Runs `npm run map` in the folder of a CLI's stack. */
export function runMapOn(
    cli: PulumiCli,
    { environment }: Pick<Servers, "environment">,
    args: readonly string[],
): Promise<Ended> {
    return runProgram(
        "tools/map/main.ts",
        args,
        { ...process.env, ...environment, ...cli.stackEnvironment },
        cli.project,
    );
}
