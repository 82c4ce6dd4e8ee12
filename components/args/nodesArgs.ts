import type { Input } from "@pulumi/pulumi";

/** Programs that start a cluster's nodes; each tags its instances in its own way. */
export const NodesPreset = {
    /** Instance groups of kops, but for control planes and bastions. */
    kops: "kops",
    /** Managed node groups of EKS. */
    eks: "eks",
    /** NodePools of Karpenter, from version 0.32 on. */
    karpenter: "karpenter",
    /** NodePools of EKS Auto Mode. */
    eksAutoMode: "eksAutoMode",
} as const;
/** One of the presets. */
export type NodesPreset = (typeof NodesPreset)[keyof typeof NodesPreset];

/** A filter of EC2's. */
export interface NodesFilterArgs {
    /**
     * Name of the filter, such as `iam-instance-profile.arn`. Not those for zones and states of instances,
     * which the component sets.
     *
     * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
     */
    name: Input<string>;
    /** The instance has to have one of them, at most 200. `*` stands for any text, `?` for any character. */
    values: Input<Input<string>[]>;
}

/**
 * How to find the cluster's node instances among the account's EC2 instances. An instance counts if it
 * runs and all that is given is true of it.
 */
export interface NodesArgs {
    /**
     * The program that starts the nodes: kops, eks, karpenter or eksAutoMode. Their tags, with the cluster's name, say
     * which instances are its nodes.
     *
     * @default - what else is given says so, or else the security group that kops gives its nodes
     */
    preset?: Input<NodesPreset>;
    /**
     * Names of the preset's instance groups, node groups or NodePools: an instance has to be in one of them.
     *
     * @default - all of the cluster's
     */
    groups?: Input<Input<string>[]>;
    /**
     * Name of a security group that the nodes, and nothing else, are in. Such names are unique in a VPC only:
     * `vpcId` narrows.
     *
     * @default - `nodes.<clusterName>`, which kops gives its nodes, if there is no preset, id, tag or filter
     */
    securityGroupName?: Input<string>;
    /** Id of a security group that the nodes, and nothing else, are in. */
    securityGroupId?: Input<string>;
    /** Tags that the nodes have, and nothing else has. */
    tags?: Input<Record<string, Input<string>>>;
    /** Filters of EC2's, for what nothing else here can say. */
    filters?: Input<Input<NodesFilterArgs>[]>;
    /** Id of the VPC that the nodes are in. */
    vpcId?: Input<string>;
    /**
     * Whether nodes in Local Zones and Wavelength Zones count. Not every volume type exists there.
     *
     * @default false
     */
    includeLocalZones?: Input<boolean>;
}
