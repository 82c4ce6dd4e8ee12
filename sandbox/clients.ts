import type { Clients } from "../tools/inspect/clients";
import { kubeConfig } from "./controlPlane/kubeConfig";
import { ec2Client } from "./ec2/instances";
import { dlmClient } from "./ec2/lifecycle";
import type { Servers } from "./servers";

/** Clients with which the tools use a sandbox, independent of the environment. */
export function clientsOf(servers: Servers): Clients {
    return {
        kubeConfig: () => kubeConfig(servers),
        ec2: (region = servers.region) => ec2Client({ ...servers, region }),
        dlm: (region = servers.region) => dlmClient({ ...servers, region }),
        environment: { ...process.env, ...servers.environment },
    };
}
