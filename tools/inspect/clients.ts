import { DLMClient } from "@aws-sdk/client-dlm";
import { EC2Client } from "@aws-sdk/client-ec2";
import type { KubeConfig } from "@kubernetes/client-node";
import { readKubeConfig } from "./kubeConfig";

// The pinned SDK works on Node 20, but warns at each start that releases of 2027 will need Node 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Access to the cluster, EC2 and the Pulumi CLI, handed to everything that reads or changes them. */
export interface Clients {
    /**
     * The kubeconfig, with its current context.
     *
     * @throws Error if it can't be read.
     */
    readonly kubeConfig: () => KubeConfig;
    /** A new client for a region, or for the default region. The caller destroys it. */
    readonly ec2: (region: string | undefined) => EC2Client;
    /** The same for Data Lifecycle Manager. */
    readonly dlm: (region: string | undefined) => DLMClient;
    /** Environment of child processes. */
    readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Which cluster of the kubeconfig to use. */
export interface Access {
    /** Name of a context; the current one by default. */
    readonly context?: string;
}

/** Clients configured by this process' environment, as for kubectl, the AWS CLI and Pulumi. */
export function environmentClients({ context }: Access = {}): Clients {
    return {
        kubeConfig: () => readKubeConfig(process.env, context),
        ec2: (region) => new EC2Client(inRegion(region)),
        dlm: (region) => new DLMClient(inRegion(region)),
        environment: process.env,
    };
}

function inRegion(wanted: string | undefined): { readonly region?: string } {
    // The AWS CLI and Pulumi read both variables, the SDK for JavaScript only the first.
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    return { region: [wanted, AWS_REGION, AWS_DEFAULT_REGION].find((region) => !!region) };
}
