import { formatProblem } from "../components/problems";
import { messageOf } from "../doctor/look";
import { ArgumentsError } from "./arguments";
import type { Options } from "./arguments";
import type { Place } from "./leftovers";
import { findPulumi, pulumiVersion } from "./pulumi";

/**
 * Makes sure of the account, the cluster and the CLI before anything is looked at or created.
 *
 * @returns path of the Pulumi CLI.
 * @throws ArgumentsError that lists everything that isn't as it has to be.
 */
export async function requirements(options: Options, place: Place): Promise<string> {
    const program = findPulumi();
    const problems = [
        await accountProblem(options, place),
        await clusterProblem(place),
        cliProblem(options, program),
    ].filter((problem) => problem !== undefined);
    if (problems.length > 0) {
        throw new ArgumentsError(problems);
    }
    return program ?? "";
}

async function accountProblem(options: Options, { account }: Place): Promise<string | undefined> {
    const wayOut = "check AWS_PROFILE and the credentials";
    try {
        const id = await account.id();
        return id === options.account
            ? undefined
            : formatProblem({
                  path: ["--account"],
                  rule: `must be the account of the credentials, which sts:GetCallerIdentity says is ${id}: ${wayOut}`,
                  got: options.account,
              });
    } catch (error) {
        return `the account of the credentials isn't known: ${messageOf(error)}; ${wayOut}`;
    }
}

async function clusterProblem({ cluster }: Place): Promise<string | undefined> {
    const wayOut = "check KUBECONFIG and its current context";
    try {
        await cluster.workers();
        return undefined;
    } catch (error) {
        return `the cluster of context ${cluster.context} can't be looked at: ${messageOf(error)}; ${wayOut}`;
    }
}

function cliProblem({ clean }: Options, program: string | undefined): string | undefined {
    if (clean) {
        return undefined;
    }
    const wayOut = "install the Pulumi CLI: https://www.pulumi.com/docs/install/";
    if (program === undefined) {
        return `there is no pulumi on the PATH or in ~/.pulumi/bin: ${wayOut}`;
    }
    try {
        pulumiVersion(program);
        return undefined;
    } catch (error) {
        return `${program} doesn't run: ${messageOf(error)}; ${wayOut}`;
    }
}
