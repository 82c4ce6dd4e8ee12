import { startInstances } from "./ec2/instances";
import type { Instance, InstanceGroup } from "./ec2/instances";
import { makeNodes } from "./controlPlane/nodes";
import type { Servers } from "./servers";

export type { Instance, InstanceGroup } from "./ec2/instances";

/** What an AWS account and a cluster hold before the stack is brought up. */
export interface Account {
    /** The cluster that the servers' control plane is: its running instances are its nodes. */
    cluster: string;
    /** Started in this order. */
    instances: readonly InstanceGroup[];
}

/** What `fillAccount` has made. */
export interface FilledAccount {
    /** In the order of the account's groups. */
    instances: readonly Instance[];
    /** Names of the cluster's nodes, in the order of their instances. */
    nodes: readonly string[];
}

/** The reference case S1: nodes in zones c and b, and in zone a all that must not count. */
export const jenkinsOnKops: Account = {
    cluster: "proyecto.k8s.local",
    instances: [
        { cluster: "proyecto.k8s.local", role: "master", zone: "eu-west-1a" },
        { cluster: "proyecto.k8s.local", role: "node", zone: "eu-west-1c" },
        { cluster: "proyecto.k8s.local", role: "node", zone: "eu-west-1b" },
        { cluster: "proyecto.k8s.local", role: "node", zone: "eu-west-1c" },
        { cluster: "proyecto.k8s.local", role: "node", zone: "eu-west-1a", state: "stopped" },
        { cluster: "proyecto.k8s.local", role: "node", zone: "eu-west-1a", state: "terminated" },
        { cluster: "otro.k8s.local", role: "node", zone: "eu-west-1a", count: 2 },
    ],
};

/** An account with nothing but one cluster's running nodes, spread evenly over zones. */
export function accountOfNodes(cluster: string, count: number, zones: readonly string[]): Account {
    const inZone = (index: number) => Math.ceil((count - index) / zones.length);
    return {
        cluster,
        instances: zones
            .map((zone, index) => ({ cluster, role: "node" as const, zone, count: inZone(index) }))
            .filter((group) => group.count > 0),
    };
}

/**
 * Makes what an account says, next to what the servers hold already, and waits until its nodes are
 * ready. Not needed for calls that fail: an empty account is an account, too.
 */
export async function fillAccount(servers: Servers, account: Account): Promise<FilledAccount> {
    const instances = await startInstances(servers, account.instances);
    const own = instances.filter(({ group }) => group.cluster === account.cluster);
    const nodes = own.filter(({ group }) => (group.state ?? "running") === "running");
    await makeNodes(servers.kubeconfig, servers.region, nodes);
    return { instances, nodes: nodes.map(({ privateDnsName }) => privateDnsName) };
}
