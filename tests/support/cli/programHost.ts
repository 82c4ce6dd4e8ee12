import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { PulumiCli } from "../../../sandbox/engine/cli";
import { project } from "../cluster/sandbox";

interface ProgramHost {
    readonly process: ChildProcess;
    readonly address: string;
}

let shared: Promise<ProgramHost> | undefined;

/** CLIs whose programs run in the host. */
const sharing = new WeakSet<PulumiCli>();

/** Has the programs of commands on a CLI's stack run in the host as well. */
export function shareHost(cli: PulumiCli): void {
    sharing.add(cli);
}

/**
 * The environment of a command of `tools/` on a CLI's stack, in which the CLIs that it starts use the host, if the
 * tests' own does. Each of the CLI's flags is a variable, too.
 */
export async function withHost(cli: PulumiCli, environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    return sharing.has(cli)
        ? { ...environment, PULUMI_OPTION_CLIENT: await programHost(environment) }
        : environment;
}

/**
 * The host that runs programs for the CLI in one process. It ends with this process.
 *
 * @param environment - Variables of the next program.
 * @returns its address.
 */
export async function programHost(environment: NodeJS.ProcessEnv): Promise<string> {
    shared ??= start();
    const { process: host, address } = await shared;
    const ready = once(host, "message");
    host.send(environment);
    await ready;
    return address;
}

async function start(): Promise<ProgramHost> {
    const execArgv = ["--require", "ts-node/register"];
    const host = fork(join(__dirname, "programHost.cjs"), { cwd: project, execArgv });
    const [address] = (await once(host, "message")) as [string];
    return { process: host, address };
}
