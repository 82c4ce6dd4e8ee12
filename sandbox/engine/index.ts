import { ec2Client } from "../ec2/instances";
import { AwsProvider } from "../providers/aws";
import { KubernetesProvider } from "../providers/kubernetes";
import type { Provider } from "../providers/provider";
import type { Servers } from "../servers";
import { PulumiCli } from "./cli";
import type { ProgramRun, ProjectStack } from "./program";
import { runWithStandIn } from "./standIn";

/** A means to deploy a stack to the sandbox's servers. */
export interface Engine {
    /** Its name and version. */
    readonly description: string;
    up(report: (text: string) => void): Promise<ProgramRun>;
    stop(): Promise<void>;
}

/** Description of an engine: its version and its providers. */
export function describeEngine(version: string, providers: PulumiCli["providers"]): string {
    const found = Object.entries(providers).map(
        ([name, { kind, version: itsVersion }]) => `the ${kind} ${name} provider ${itsVersion}`,
    );
    return `Pulumi CLI ${version} with ${found.join(" and ")}`;
}

/**
 * The Pulumi CLI if it is installed, otherwise the stand-in.
 *
 * @param directory - Folder for the CLI's state.
 */
export async function findEngine(stack: ProjectStack, servers: Servers, directory: string): Promise<Engine> {
    const version = await PulumiCli.version();
    if (version === undefined) {
        return standIn(stack, servers);
    }
    const { environment, signal } = servers;
    const cli = await PulumiCli.start(stack, standInProviders(servers), directory, environment, {
        interrupted: signal,
    });
    return {
        description: describeEngine(version, cli.providers),
        up: (report) => cli.up(report),
        stop: () => cli.stop(),
    };
}

/** The stand-in for the engine: Pulumi's language runner with a simple monitor. */
export function standIn(stack: ProjectStack, servers: Servers): Engine {
    return {
        description: "stand-in for the Pulumi CLI, which was not found",
        up: () =>
            runWithStandIn(
                stack,
                standInProviders(servers),
                { ...process.env, ...servers.environment },
                servers.signal,
            ),
        stop: () => Promise.resolve(),
    };
}

/** The stand-ins for both providers. */
export function standInProviders(servers: Servers): Provider[] {
    // The real provider tries 25 times, which takes too long here.
    const client = (region: string) => ec2Client({ ...servers, region }, { maxAttempts: 5 });
    return [new AwsProvider(client, servers.region), new KubernetesProvider(servers.kubeconfig)];
}
