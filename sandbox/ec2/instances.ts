import {
    CreateSecurityGroupCommand,
    CreateSubnetCommand,
    CreateVpcCommand,
    DescribeVpcsCommand,
    EC2Client,
    RunInstancesCommand,
    StopInstancesCommand,
    TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2ClientConfig } from "@aws-sdk/client-ec2";
import { credentials } from "../servers";
import type { Servers } from "../servers";

/** A group of equal instances. */
export interface InstanceGroup {
    /** Their cluster, such as proyecto.k8s.local. */
    cluster: string;
    /** Their role in the cluster. */
    role: "node" | "master" | "bastion";
    /** Such as eu-west-1a. It must be in the servers' region. */
    zone: string;
    /** Number of instances. Defaults to 1. */
    count?: number;
    /** Defaults to running. */
    state?: "running" | "stopped" | "terminated";
    /** Defaults to t3.medium. */
    instanceType?: string;
    /** The tool that starts them, which determines their tags. Defaults to kops. */
    startedBy?: Starter;
    /** Their instance group, node group or NodePool. Defaults to one named like the role. */
    group?: string;
    /** Name of their security group. Defaults to the starter's. */
    securityGroup?: string;
    /** Name of their VPC within the account. Groups without a name share one. */
    vpc?: string;
    /**
     * Whether they are spot instances. An interrupted one is terminated; unlike EC2, moto gives the user as the reason.
     */
    spot?: boolean;
}

/** A tool that starts instances; "nobody" sets no tags. */
export type Starter = "kops" | "eks" | "karpenter" | "eksAutoMode" | "nobody";

/** A started instance. */
export interface Instance {
    id: string;
    privateDnsName: string;
    vpcId: string;
    securityGroupId: string;
    /** Its group. */
    group: InstanceGroup;
}

// The pinned SDK works on Node 20, but warns at each start that releases of 2027 will need Node 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** A client of the sandbox's EC2. */
export function ec2Client(
    { ec2Endpoint, region }: Pick<Servers, "ec2Endpoint" | "region">,
    options: Pick<EC2ClientConfig, "maxAttempts"> = {},
): EC2Client {
    return new EC2Client({ endpoint: ec2Endpoint, region, credentials, ...options });
}

/** Starts instances in new VPCs, each with a subnet per zone and the groups' security groups. */
export async function startInstances(
    servers: Pick<Servers, "ec2Endpoint" | "region">,
    groups: readonly InstanceGroup[],
): Promise<Instance[]> {
    const client = ec2Client(servers);
    try {
        const networks = new Map<string | undefined, Network>();
        const instances: Instance[] = [];
        for (const group of groups) {
            const network = networks.get(group.vpc) ?? new Network(client);
            networks.set(group.vpc, network);
            instances.push(...(await startGroup(client, network, group)));
        }
        return instances;
    } finally {
        client.destroy();
    }
}

async function startGroup(client: EC2Client, network: Network, group: InstanceGroup): Promise<Instance[]> {
    const count = group.count ?? 1;
    const tags = Object.entries(tagsOf(group)).map(([Key, Value]) => ({ Key, Value }));
    const securityGroupId = await network.securityGroup(group.securityGroup ?? securityGroupOf(group));
    const { Instances = [] } = await client.send(
        new RunInstancesCommand({
            ImageId: "ami-00000000",
            InstanceType: "t3.medium",
            ...(group.instanceType !== undefined && { InstanceType: group.instanceType as "t3.medium" }),
            ...(group.spot && { InstanceMarketOptions: { MarketType: "spot" } }),
            MinCount: count,
            MaxCount: count,
            SubnetId: await network.subnet(group.zone),
            SecurityGroupIds: [securityGroupId],
            ...(tags.length > 0 && { TagSpecifications: [{ ResourceType: "instance", Tags: tags }] }),
        }),
    );
    const instances = Instances.map(({ InstanceId, PrivateDnsName, VpcId }) => ({
        id: required(InstanceId),
        privateDnsName: required(PrivateDnsName),
        vpcId: required(VpcId),
        securityGroupId,
        group,
    }));
    const InstanceIds = instances.map(({ id }) => id);
    if (group.state === "stopped") {
        await client.send(new StopInstancesCommand({ InstanceIds }));
    } else if (group.state === "terminated") {
        await client.send(new TerminateInstancesCommand({ InstanceIds }));
    }
    return instances;
}

/** Name of the security group of a starter's instances. EKS has one for each cluster. */
export function securityGroupOf({ role, cluster, startedBy = "kops" }: InstanceGroup): string {
    const ofKops = role === "bastion" ? `bastion.${cluster}` : `${role}s.${cluster}`;
    return startedBy === "kops" ? ofKops : `eks-cluster-sg-${cluster}-1234567890`;
}

/** Tags of a starter's instances. */
function tagsOf(instances: InstanceGroup): Record<string, string> {
    const { cluster, role, zone, startedBy = "kops", group } = instances;
    const owned = { [`kubernetes.io/cluster/${cluster}`]: "owned" };
    switch (startedBy) {
        case "kops": {
            const instanceGroup =
                group ?? { node: "nodes", master: `master-${zone}`, bastion: "bastions" }[role];
            return {
                Name:
                    role === "master" ? `${instanceGroup}.masters.${cluster}` : `${instanceGroup}.${cluster}`,
                KubernetesCluster: cluster,
                ...owned,
                [`k8s.io/role/${role}`]: "1",
                "kops.k8s.io/instancegroup": instanceGroup,
            };
        }
        case "eks":
            return {
                "eks:cluster-name": cluster,
                "eks:nodegroup-name": group ?? role,
                ...owned,
                "k8s.io/cluster-autoscaler/enabled": "true",
                [`k8s.io/cluster-autoscaler/${cluster}`]: "owned",
            };
        case "karpenter":
            return {
                Name: `ip-10-0-0-1.${zone}.compute.internal`,
                "karpenter.sh/nodeclaim": `${group ?? role}-x7v2p`,
                "karpenter.sh/nodepool": group ?? role,
                "karpenter.k8s.aws/ec2nodeclass": "default",
                ...owned,
                "eks:eks-cluster-name": cluster,
            };
        case "eksAutoMode":
            return {
                "eks:eks-cluster-name": cluster,
                "eks:kubernetes-node-pool-name": group ?? role,
                "eks:kubernetes-node-class-name": "default",
                ...owned,
            };
        case "nobody":
            return {};
    }
}

/** A new VPC. Its parts are created on demand. */
class Network {
    private vpc: Promise<{ id: string; addresses: string }> | undefined;
    private readonly subnets = new Map<string, Promise<string>>();
    private readonly securityGroups = new Map<string, Promise<string>>();

    public constructor(private readonly client: EC2Client) {}

    /** Id of the zone's subnet, which has room for 8000 instances. */
    public subnet(AvailabilityZone: string): Promise<string> {
        const third = 32 * this.subnets.size;
        return memoized(this.subnets, AvailabilityZone, async () => {
            const { id: VpcId, addresses } = await this.ownVpc();
            const CidrBlock = `${addresses}.${third}.0/19`;
            const command = new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone });
            return required((await this.client.send(command)).Subnet?.SubnetId);
        });
    }

    /** Id of the security group of that name. */
    public securityGroup(GroupName: string): Promise<string> {
        return memoized(this.securityGroups, GroupName, async () => {
            const { id: VpcId } = await this.ownVpc();
            const command = new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName });
            return required((await this.client.send(command)).GroupId);
        });
    }

    private ownVpc(): Promise<{ id: string; addresses: string }> {
        this.vpc ??= this.makeVpc();
        return this.vpc;
    }

    /** Creates a VPC with its own range of addresses: nodes are named after their addresses. */
    private async makeVpc(): Promise<{ id: string; addresses: string }> {
        const { Vpcs = [] } = await this.client.send(new DescribeVpcsCommand());
        const addresses = `172.${32 + Vpcs.length}`;
        const command = new CreateVpcCommand({ CidrBlock: `${addresses}.0.0/16` });
        return { id: required((await this.client.send(command)).Vpc?.VpcId), addresses };
    }
}

function memoized<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
}

function required(value: string | undefined): string {
    if (value === undefined) {
        throw new Error("an answer of the sandbox's EC2 has no id");
    }
    return value;
}
