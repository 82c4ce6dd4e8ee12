import type { Context } from "mocha";
import { join } from "node:path";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { standInProviders } from "../../sandbox/engine";
import { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { project, stackConfig, startSandbox } from "./sandbox";

/** A stack of this project for the CLI on the PATH, in a sandbox of its own. Skips the tests where there is none. */
export async function startCli(
    context: Context,
): Promise<{ servers: Servers; cli: PulumiCli; end: () => Promise<void> }> {
    const version = await PulumiCli.version();
    if (version === undefined) {
        console.log("    skipped: there is no Pulumi CLI on the PATH");
        return context.skip();
    }
    const { servers, directory, end } = await startSandbox(jenkinsOnKops);
    const main = join(project, "index.ts");
    const stack = {
        directory: project,
        main,
        project: "zonal-persistent-storage",
        stack: "test",
        config: {},
    };
    const cli = await PulumiCli.start(stack, standInProviders(servers), directory, servers.environment);
    console.log(`    with the Pulumi CLI ${version}, providers: ${JSON.stringify(cli.providers)}`);
    return { servers, cli, end: () => cli.stop().then(end) };
}

/** Runs a command of the CLI with these settings of the program. */
export async function runWith(
    cli: PulumiCli,
    settings: Readonly<Record<string, unknown>>,
    command: string[],
): Promise<{ code: number; text: string; resources: Record<string, number> }> {
    await cli.configure(stackConfig(settings));
    const { code, stdout, stderr } = await cli.run(command);
    return { code, text: stdout + stderr, resources: resources(stdout) };
}

/** The counts below "Resources:" in what Pulumi prints, by what happened to them. */
function resources(printed: string): Record<string, number> {
    const [, counts = ""] = /Resources:\n((?: {4}.*\n)+)/.exec(printed) ?? [];
    const found = counts.matchAll(/(\d+) (?:to )?(created?|updated?|deleted?|replaced?|unchanged)/g);
    return Object.fromEntries(
        [...found].map(([, count, what]) => [String(what).replace(/e$/, "ed"), Number(count)]),
    );
}
