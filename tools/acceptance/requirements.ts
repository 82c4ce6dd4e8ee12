import { formatProblem } from "../../components/validation/problems";
import { messageOf } from "../inspect/errors";
import { Account } from "./account";
import { ArgumentsError } from "./arguments";
import type { Options } from "./arguments";
import type { AcceptanceClients } from "./clients";
import { Cluster } from "./cluster";
import type { Place } from "./leftovers";
import { findPulumi, pulumiVersion } from "./pulumi";

/** The place and the program of a run. */
export interface Requirements {
    readonly place: Place;
    /** Path of the Pulumi CLI; empty if it isn't needed. */
    readonly program: string;
}

/**
 * Checks the account, the cluster and the CLI before anything is created.
 *
 * @throws ArgumentsError that lists all problems.
 */
export async function requirements(options: Options, clients: AcceptanceClients): Promise<Requirements> {
    const account = new Account(options.region, options.cluster, clients);
    const program = findPulumi();
    const [ofAccount, { cluster, problem }] = await Promise.all([
        accountProblem(options, account),
        reachCluster(clients),
    ]);
    const problems = [ofAccount, problem, cliProblem(options, program)].filter((one) => one !== undefined);
    if (problems.length > 0 || !cluster) {
        throw new ArgumentsError(problems);
    }
    return { place: { account, cluster }, program: program ?? "" };
}

async function accountProblem(options: Options, account: Account): Promise<string | undefined> {
    const wayOut = "check AWS_PROFILE and the credentials";
    try {
        const id = await account.id();
        return id === options.account
            ? undefined
            : formatProblem({
                  path: ["--account"],
                  rule: `must be the account of the credentials, which is ${id} by sts:GetCallerIdentity: ${wayOut}`,
                  got: options.account,
              });
    } catch (error) {
        return `could not read the account of the credentials: ${messageOf(error)}; ${wayOut}`;
    }
}

async function reachCluster({
    kubeConfig,
}: AcceptanceClients): Promise<{ cluster?: Cluster; problem?: string }> {
    try {
        const cluster = new Cluster(kubeConfig());
        await cluster.workers();
        return { cluster };
    } catch (error) {
        const wayOut = "check KUBECONFIG and its current context";
        return { problem: `could not read the cluster: ${messageOf(error)}; ${wayOut}` };
    }
}

function cliProblem({ clean }: Options, program: string | undefined): string | undefined {
    if (clean) {
        return undefined;
    }
    const wayOut = "install the Pulumi CLI: https://www.pulumi.com/docs/install/";
    if (program === undefined) {
        return `no pulumi on the PATH or in ~/.pulumi/bin: ${wayOut}`;
    }
    try {
        pulumiVersion(program);
        return undefined;
    } catch (error) {
        return `${program} doesn't run: ${messageOf(error)}; ${wayOut}`;
    }
}
