import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import { buildControlPlane } from "./controlPlane/build";
import { startControlPlane } from "./controlPlane/server";
import { installMoto, startEc2 } from "./ec2/server";
import { ProcessGroup, runningProcesses, stopProcesses } from "./processes";
import type { Mode } from "./processes";
import { withoutProxies } from "./proxies";

/** The servers that simulate AWS and the cluster. */
export interface Servers {
    readonly ec2Endpoint: string;
    /** Path of the kubeconfig of the cluster's administrator. */
    readonly kubeconfig: string;
    readonly region: string;
    /**
     * Variables with which AWS and Kubernetes clients, also Pulumi's providers, use these servers. Undefined ones must be
     * unset.
     */
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    /** Aborted when the sandbox is interrupted: programs that use it are killed. */
    readonly signal?: AbortSignal;
    /** Stops the servers, and waits until they have ended. */
    stop(): Promise<void>;
}

/** How to start the servers. */
export interface ServerOptions {
    /** Directory for data and logs. Created if missing. */
    directory: string;
    /** Whether the servers end with this process or run until `stopServers`. */
    mode: Mode;
    /** Receives progress, line by line. */
    report: (line: string) => void;
    /** Defaults to eu-west-1. */
    region?: string;
    /** Cancels the start: started servers are stopped, and `startServers` throws the signal's reason. */
    signal?: AbortSignal;
}

/** Variables that override the sandbox's and lead clients to another account or endpoint. */
const unsetVariables = {
    AWS_PROFILE: undefined,
    AWS_DEFAULT_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_ENDPOINT_URL_DLM: undefined,
    AWS_ENDPOINT_URL_EC2: undefined,
    AWS_ENDPOINT_URL_STS: undefined,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
};

/** The sandbox's AWS accepts any credentials. */
export const credentials = { accessKeyId: "testing", secretAccessKey: "testing" } as const;

/** Starts EC2 and a cluster's control plane, both empty. If one fails to start, the other is stopped. */
export async function startServers(options: ServerOptions): Promise<Servers> {
    const { mode, report, region = "eu-west-1" } = options;
    const directory = path.resolve(options.directory);
    const running = runningProcesses(directory);
    if (running.length > 0) {
        const names = running.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");
        throw new Error(`a sandbox runs in ${directory}: ${names}; stop it first, or use another directory`);
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });

    const failure = new AbortController();
    const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
    const started = Date.now();
    const start = async <T>(what: string, build: typeof installMoto, run: (built: string) => Promise<T>) => {
        try {
            const result = await run(await build(report, signal));
            report(`${what} is ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
            return result;
        } catch (error) {
            failure.abort(error);
            throw error;
        }
    };
    const group = () => new ProcessGroup(directory, mode, signal);
    const both = await Promise.allSettled([
        start("EC2", installMoto, (environment) => startEc2(group(), environment)),
        start("the cluster", buildControlPlane, (programs) =>
            startControlPlane(group(), programs, directory),
        ),
    ] as const);
    const [ec2, cluster] = both;
    if (ec2.status === "rejected" || cluster.status === "rejected") {
        await stopServers(directory);
        options.signal?.throwIfAborted();
        throw failure.signal.reason;
    }
    const where = { ec2Endpoint: ec2.value, kubeconfig: cluster.value, region };
    return {
        ...where,
        environment: environmentOf(where),
        signal: options.signal,
        stop: () => stopServers(directory),
    };
}

/** Variables with which clients use these servers. */
export function environmentOf({
    ec2Endpoint,
    kubeconfig,
    region,
}: Pick<Servers, "ec2Endpoint" | "kubeconfig" | "region">): Servers["environment"] {
    return {
        ...unsetVariables,
        ...withoutProxies(process.env),
        AWS_ENDPOINT_URL: ec2Endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: "true",
        KUBECONFIG: kubeconfig,
    };
}

/** Starts EC2 without a cluster. */
export async function startOnlyEc2(
    options: ServerOptions,
): Promise<Pick<Servers, "ec2Endpoint" | "region" | "stop">> {
    const { mode, report, region = "eu-west-1", signal = new AbortController().signal } = options;
    const directory = path.resolve(options.directory);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const environment = await installMoto(report, signal);
    const ec2Endpoint = await startEc2(new ProcessGroup(directory, mode, signal), environment);
    return { ec2Endpoint, region, stop: () => stopServers(directory) };
}

/** Starts a cluster without EC2. */
export async function startOnlyCluster(
    options: Omit<ServerOptions, "region">,
): Promise<Pick<Servers, "kubeconfig" | "stop">> {
    const { mode, report, signal = new AbortController().signal } = options;
    const directory = path.resolve(options.directory);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const programs = await buildControlPlane(report, signal);
    const kubeconfig = await startControlPlane(
        new ProcessGroup(directory, mode, signal),
        programs,
        directory,
    );
    return { kubeconfig, stop: () => stopServers(directory) };
}

/** Stops all servers of a directory, also those that have not finished starting. */
export function stopServers(directory: string): Promise<void> {
    return stopProcesses(path.resolve(directory));
}
