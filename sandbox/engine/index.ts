import { ec2Client } from "../ec2/instances";
import { AwsProvider } from "../providers/aws";
import { KubernetesProvider } from "../providers/kubernetes";
import type { Provider } from "../providers/provider";
import type { Servers } from "../servers";
import { PulumiCli } from "./cli";
import type { ProgramRun, ProjectStack } from "./program";
import { runWithStandIn } from "./standIn";

/** Something that can bring a stack up against the sandbox's servers. */
export interface Engine {
    /** Which one it is, for people. */
    readonly description: string;
    up(report: (text: string) => void): Promise<ProgramRun>;
    stop(): Promise<void>;
}

/** An engine in words: its version, and for each provider which one works. */
export function describeEngine(version: string, providers: PulumiCli["providers"]): string {
    const found = Object.entries(providers).map(
        ([name, { kind, version: itsVersion }]) => `the ${kind} ${name} provider ${itsVersion}`,
    );
    return `Pulumi CLI ${version} with ${found.join(" and ")}`;
}

/**
 * The Pulumi CLI where there is one, otherwise the stand-in.
 *
 * @param directory - Where the CLI keeps its state.
 */
export async function findEngine(stack: ProjectStack, servers: Servers, directory: string): Promise<Engine> {
    const version = await PulumiCli.version();
    if (version === undefined) {
        return standIn(stack, servers);
    }
    const cli = await PulumiCli.start(stack, standInProviders(servers), directory, servers.environment);
    return {
        description: describeEngine(version, cli.providers),
        up: (report) => cli.up(report),
        stop: () => cli.stop(),
    };
}

/** The stand-in: Pulumi's own language runner, and nothing of its engine. */
export function standIn(stack: ProjectStack, servers: Servers): Engine {
    return {
        description: "stand-in for the Pulumi CLI, which was not found",
        up: () =>
            runWithStandIn(stack, standInProviders(servers), { ...process.env, ...servers.environment }),
        stop: () => Promise.resolve(),
    };
}

/** The stand-ins for both providers. */
export function standInProviders(servers: Servers): Provider[] {
    // The real one tries 25 times, which a sandbox needn't wait for.
    const client = (region: string) => ec2Client({ ...servers, region }, { maxAttempts: 5 });
    return [new AwsProvider(client, servers.region), new KubernetesProvider(servers.kubeconfig)];
}
