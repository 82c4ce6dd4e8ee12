import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { printable } from "../../components/validation/problems";
import type { Clients } from "./clients";
import { firstLine, messageOf } from "./errors";
import type { Note, Target } from "./target";
import { readState } from "./state";
import type { State } from "./state";

type Environment = Pick<Clients, "environment">;

/**
 * Reads the stack's state, if there is one.
 *
 * @throws Error if the state that the target names can't be read.
 */
export async function readStackState(
    clients: Environment,
    target: Target,
    note: Note,
): Promise<State | undefined> {
    try {
        return await exportedState(clients, target);
    } catch (error) {
        if (target.stack !== undefined || target.state !== undefined) {
            throw error;
        }
        note(`could not read a stack's state: ${messageOf(error)}`);
        return undefined;
    }
}

/** The state in the target's file or of its stack, by default the selected stack. */
async function exportedState(clients: Environment, target: Target): Promise<State> {
    if (target.state !== undefined) {
        const exported = await readFile(target.state, "utf8").catch((error: unknown) => {
            throw new Error(
                `--state must be a file, got "${printable(target.state ?? "")}" (${messageOf(error)})`,
            );
        });
        return readState(exported, `--state ${printable(target.state)}`);
    }
    return readState(await pulumi(clients, ["stack", "export"], target), "the stack's state");
}

/** Region of the stack's volumes. Undefined means the environment's, as for any AWS tool. */
export async function regionOf(
    clients: Environment,
    state: State | undefined,
    target: Target,
): Promise<string | undefined> {
    if (target.region !== undefined) {
        return target.region;
    }
    if (!state || state.region !== undefined || target.state !== undefined) {
        return state?.region;
    }
    return pulumi(clients, ["config", "get", "aws:region"], target).then(
        (region) => region.trim(),
        () => undefined,
    );
}

/** The cluster's name in the stack's settings; undefined if they don't have it, or there is a file in place of a stack. */
export async function configuredCluster(clients: Environment, target: Target): Promise<string | undefined> {
    if (target.state !== undefined) {
        return undefined;
    }
    return pulumi(clients, ["config", "get", "--path", "cluster.name"], target).then(
        (name) => name.trim() || undefined,
        () => undefined,
    );
}

async function pulumi(
    { environment }: Environment,
    command: readonly string[],
    { stack }: Target,
): Promise<string> {
    const args = [...command, "--non-interactive", ...(stack === undefined ? [] : [`--stack=${stack}`])];
    const env = { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" };
    try {
        // Exported states of large stacks are large.
        const { stdout } = await promisify(execFile)("pulumi", args, { env, maxBuffer: 2 ** 30 });
        return stdout;
    } catch (error) {
        const { code, stderr } = error as { code?: unknown; stderr?: string };
        throw new Error(
            code === "ENOENT"
                ? "there is no Pulumi CLI on the PATH, give --state <file>"
                : `pulumi says "${firstLine((stderr ?? "").replace(/^error: /, ""))}", give --stack <name> or --state <file>`,
        );
    }
}
