import { EC2Client } from "@aws-sdk/client-ec2";
import { KubeConfig } from "@kubernetes/client-node";

// The SDK's releases of 2027 will want Node 22; the pinned one is content with Node 20 but says so each time.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** How the cluster, EC2 and the Pulumi CLI are reached. A command hands it to all that reads or changes something. */
export interface Clients {
    /**
     * The kubeconfig, with the context that is current in it.
     *
     * @throws Error if it can't be read.
     */
    readonly kubeConfig: () => KubeConfig;
    /** A client for a region or, without one, for the usual region. Whoever asks for it destroys it. */
    readonly ec2: (region: string | undefined) => EC2Client;
    /** Environment of the programs that are run. */
    readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** The clients that this process' environment leads to, as it does for kubectl, the AWS CLI and Pulumi. */
export function environmentClients(): Clients {
    return { kubeConfig, ec2, environment: process.env };
}

function kubeConfig(): KubeConfig {
    const config = new KubeConfig();
    config.loadFromDefault();
    return config;
}

function ec2(wanted: string | undefined): EC2Client {
    // The AWS CLI and Pulumi know both names, the SDK for JavaScript only the first.
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    return new EC2Client({ region: [wanted, AWS_REGION, AWS_DEFAULT_REGION].find((region) => !!region) });
}
