import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { project } from "../cluster/sandbox";

interface ProgramHost {
    readonly process: ChildProcess;
    readonly address: string;
}

let shared: Promise<ProgramHost> | undefined;

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
