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
import type { EC2ClientConfig, Tag } from "@aws-sdk/client-ec2";
import { credentials } from "../servers";
import type { Servers } from "../servers";

/** Instances that are alike. */
export interface InstanceGroup {
    /** The cluster that they are of, such as proyecto.k8s.local. */
    cluster: string;
    /** What they are in it. Their security group is named after it: nodes.proyecto.k8s.local. */
    role: "node" | "master";
    /** Such as eu-west-1a; has to be in the servers' region. */
    zone: string;
    /** How many. Defaults to 1. */
    count?: number;
    /** Defaults to running. */
    state?: "running" | "stopped" | "terminated";
    /** Defaults to t3.medium. */
    instanceType?: string;
}

/** An instance that was started. */
export interface Instance {
    id: string;
    privateDnsName: string;
    /** What it was started from. */
    group: InstanceGroup;
}

// The SDK's releases of 2027 will want Node 22; the pinned one is content with Node 20 but says so each time.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** A client of the sandbox's EC2. */
export function ec2Client(
    { ec2Endpoint, region }: Pick<Servers, "ec2Endpoint" | "region">,
    options: Pick<EC2ClientConfig, "maxAttempts"> = {},
): EC2Client {
    return new EC2Client({ endpoint: ec2Endpoint, region, credentials, ...options });
}

/** Starts instances in a VPC of their own, in a subnet per zone and a security group per role. */
export async function startInstances(
    servers: Pick<Servers, "ec2Endpoint" | "region">,
    groups: readonly InstanceGroup[],
): Promise<Instance[]> {
    const client = ec2Client(servers);
    try {
        const network = new Network(client);
        const instances: Instance[] = [];
        for (const group of groups) {
            instances.push(...(await startGroup(client, network, group)));
        }
        return instances;
    } finally {
        client.destroy();
    }
}

async function startGroup(client: EC2Client, network: Network, group: InstanceGroup): Promise<Instance[]> {
    const count = group.count ?? 1;
    const { Instances = [] } = await client.send(
        new RunInstancesCommand({
            ImageId: "ami-00000000",
            InstanceType: "t3.medium",
            ...(group.instanceType !== undefined && { InstanceType: group.instanceType as "t3.medium" }),
            MinCount: count,
            MaxCount: count,
            SubnetId: await network.subnet(group.zone),
            SecurityGroupIds: [await network.securityGroup(securityGroupName(group))],
            TagSpecifications: [{ ResourceType: "instance", Tags: kopsTags(group) }],
        }),
    );
    const instances = Instances.map(({ InstanceId, PrivateDnsName }) => ({
        id: given(InstanceId),
        privateDnsName: given(PrivateDnsName),
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

function securityGroupName({ role, cluster }: InstanceGroup): string {
    return `${role}s.${cluster}`;
}

/** The tags that kops gives to the instances of a cluster. */
function kopsTags(group: InstanceGroup): Tag[] {
    const instanceGroup = group.role === "node" ? "nodes" : `master-${group.zone}`;
    return Object.entries({
        Name:
            group.role === "node" ? securityGroupName(group) : `${instanceGroup}.${securityGroupName(group)}`,
        KubernetesCluster: group.cluster,
        [`kubernetes.io/cluster/${group.cluster}`]: "owned",
        [`k8s.io/role/${group.role}`]: "1",
        "kops.k8s.io/instancegroup": instanceGroup,
    }).map(([Key, Value]) => ({ Key, Value }));
}

/** A VPC beside those that are there, of which only what is asked for gets made. */
class Network {
    private vpc: Promise<{ id: string; addresses: string }> | undefined;
    private readonly subnets = new Map<string, Promise<string>>();
    private readonly securityGroups = new Map<string, Promise<string>>();

    public constructor(private readonly client: EC2Client) {}

    /** The id of the zone's subnet, which has room for 8000 instances. */
    public subnet(AvailabilityZone: string): Promise<string> {
        const third = 32 * this.subnets.size;
        return once(this.subnets, AvailabilityZone, async () => {
            const { id: VpcId, addresses } = await this.ownVpc();
            const CidrBlock = `${addresses}.${third}.0/19`;
            const command = new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone });
            return given((await this.client.send(command)).Subnet?.SubnetId);
        });
    }

    /** The id of the security group of that name. */
    public securityGroup(GroupName: string): Promise<string> {
        return once(this.securityGroups, GroupName, async () => {
            const { id: VpcId } = await this.ownVpc();
            const command = new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName });
            return given((await this.client.send(command)).GroupId);
        });
    }

    private ownVpc(): Promise<{ id: string; addresses: string }> {
        this.vpc ??= this.makeVpc();
        return this.vpc;
    }

    /** Nodes are named after their addresses, so no two VPCs have the same. */
    private async makeVpc(): Promise<{ id: string; addresses: string }> {
        const { Vpcs = [] } = await this.client.send(new DescribeVpcsCommand());
        const addresses = `172.${32 + Vpcs.length}`;
        const command = new CreateVpcCommand({ CidrBlock: `${addresses}.0.0/16` });
        return { id: given((await this.client.send(command)).Vpc?.VpcId), addresses };
    }
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
}

function given(value: string | undefined): string {
    if (value === undefined) {
        throw new Error("the sandbox's EC2 left an id out of its answer");
    }
    return value;
}
