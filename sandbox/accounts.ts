import { securityGroupOf, startInstances } from "./ec2/instances";
import type { Instance, InstanceGroup, Starter } from "./ec2/instances";
import { makeNodes } from "./controlPlane/nodes";
import type { Servers } from "./servers";

export type { Instance, InstanceGroup } from "./ec2/instances";

/** Instances of an AWS account before the stack is deployed. */
export interface Account {
    /** The cluster of the servers' control plane. Its running instances become nodes. */
    cluster: string;
    /** Started in this order. */
    instances: readonly InstanceGroup[];
}

/** Instances and nodes that `fillAccount` has created. */
export interface FilledAccount {
    /** In the order of the account's groups. */
    instances: readonly Instance[];
    /** Names of the cluster's nodes, in the order of their instances. */
    nodes: readonly string[];
}

/** The reference case S1: nodes in zones c and b; the instances in zone a are no nodes of the cluster. */
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

/** Instances in zone a that a query for nodes must not count: stopped, not a node, or of another cluster. */
function decoys(cluster: string, startedBy: Starter): InstanceGroup[] {
    const zone = "eu-west-1a";
    const node = { cluster, role: "node", zone, startedBy } as const;
    return [
        { ...node, state: "stopped" },
        { ...node, state: "terminated" },
        { ...node, spot: true, state: "terminated" },
        { ...node, cluster: `${cluster}-test` },
        { ...node, role: "bastion", startedBy: startedBy === "kops" ? "kops" : "nobody" },
        // Another team's instance, in a security group of the same name.
        { ...node, cluster: "none", startedBy: "nobody", securityGroup: securityGroupOf(node), vpc: "other" },
    ];
}

/** kops: instance groups in zones b and c; the one in c has its own security group. */
export const kopsAccount: Account = {
    cluster: "tienda.k8s.local",
    instances: [
        { cluster: "tienda.k8s.local", role: "node", zone: "eu-west-1b", count: 2 },
        {
            cluster: "tienda.k8s.local",
            role: "node",
            zone: "eu-west-1c",
            group: "data",
            securityGroup: "data-nodes",
        },
        ...decoys("tienda.k8s.local", "kops"),
        { cluster: "tienda.k8s.local", role: "master", zone: "eu-west-1a" },
    ],
};

/** EKS with managed node groups in zones b and c, and a Karpenter node in zone a. */
export const eksAccount: Account = {
    cluster: "shop",
    instances: [
        { cluster: "shop", role: "node", zone: "eu-west-1b", startedBy: "eks", group: "web" },
        { cluster: "shop", role: "node", zone: "eu-west-1c", startedBy: "eks", group: "data", count: 2 },
        ...decoys("shop", "eks"),
        { cluster: "shop", role: "node", zone: "eu-west-1a", startedBy: "karpenter" },
    ],
};

/** EKS with Karpenter: spot nodes in zone b, others in c, and in a the managed node group that runs Karpenter. */
export const karpenterAccount: Account = {
    cluster: "tide",
    instances: [
        {
            cluster: "tide",
            role: "node",
            zone: "eu-west-1b",
            startedBy: "karpenter",
            group: "spot",
            spot: true,
            instanceType: "m7g.large",
        },
        { cluster: "tide", role: "node", zone: "eu-west-1c", startedBy: "karpenter", group: "data" },
        ...decoys("tide", "karpenter"),
        { cluster: "tide", role: "node", zone: "eu-west-1a", startedBy: "eks", group: "karpenter" },
    ],
};

/** EKS Auto Mode in zones b and c, and in a a remaining node of the Karpenter that it replaced. */
export const autoModeAccount: Account = {
    cluster: "auto",
    instances: [
        { cluster: "auto", role: "node", zone: "eu-west-1b", startedBy: "eksAutoMode", group: "system" },
        {
            cluster: "auto",
            role: "node",
            zone: "eu-west-1c",
            startedBy: "eksAutoMode",
            group: "general-purpose",
        },
        ...decoys("auto", "eksAutoMode"),
        { cluster: "auto", role: "node", zone: "eu-west-1a", startedBy: "karpenter" },
    ],
};

/** An account with one cluster's running nodes, spread evenly over zones. */
export function accountOfNodes(
    cluster: string,
    count: number,
    zones: readonly string[],
    like: Partial<InstanceGroup> = {},
): Account {
    const inZone = (index: number) => Math.ceil((count - index) / zones.length);
    return {
        cluster,
        instances: zones
            .map((zone, index) => ({ ...like, cluster, role: "node" as const, zone, count: inZone(index) }))
            .filter((group) => group.count > 0),
    };
}

/**
 * Adds an account's instances and nodes to the servers, and waits until the nodes are ready.
 */
export async function fillAccount(servers: Servers, account: Account): Promise<FilledAccount> {
    const instances = await startInstances(servers, account.instances);
    const own = instances.filter(({ group }) => group.cluster === account.cluster);
    const nodes = own.filter(
        ({ group }) => group.role !== "bastion" && (group.state ?? "running") === "running",
    );
    await makeNodes(servers.kubeconfig, servers.region, nodes);
    return { instances, nodes: nodes.map(({ privateDnsName }) => privateDnsName) };
}
