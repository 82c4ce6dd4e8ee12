import { EC2Client } from "@aws-sdk/client-ec2";
import { STSClient } from "@aws-sdk/client-sts";
import { environmentClients } from "../inspect/clients";
import type { Clients } from "../inspect/clients";

/** Access to the account and the cluster. */
export interface AcceptanceClients extends Pick<Clients, "kubeConfig"> {
    readonly ec2: (region: string) => EC2Client;
    readonly sts: (region: string) => STSClient;
}

/** Clients configured by this process' environment. */
export function acceptanceClients(): AcceptanceClients {
    return {
        kubeConfig: environmentClients().kubeConfig,
        // More than the default of three: throttling must not end the clean-up.
        ec2: (region) => new EC2Client({ region, maxAttempts: 6 }),
        sts: (region) => new STSClient({ region }),
    };
}
