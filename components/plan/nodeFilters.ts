import type { Unwrap } from "@pulumi/pulumi";
import type { NodesArgs, NodesPreset } from "../args/nodesArgs";

/** A filter of EC2's, as DescribeInstances takes it: any of its values will do. */
export interface Filter {
    readonly name: string;
    readonly values: string[];
}

interface Preset {
    /** Tags of every node of the cluster. */
    readonly tags: (clusterName: string) => Readonly<Record<string, string>>;
    /** Key of the tag that names a node's group, which nothing but a node has. */
    readonly group: string;
}

/**
 * Tags that each preset gives its instances. Sources, read on 2026-11-27:
 *
 * - kops: CloudTags and CloudTagsForInstanceGroup in pkg/model/context.go (kubernetes/kops 268927e). By tags,
 *   since an instance group's security group can be overridden.
 * - eks: AWSServiceRoleForAmazonEKSNodegroup v11 of 2026-02-17, the policy under which EKS tags instances as it
 *   starts them and reboots those with `eks:nodegroup-name`
 *   (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForAmazonEKSNodegroup.html).
 * - karpenter: GetTags in pkg/utils/utils.go (aws/karpenter-provider-aws 1d92708, after v1.14.0). Its
 *   `eks:eks-cluster-name` is left out: it is younger (1.0) and EKS Auto Mode sets it too.
 * - eksAutoMode: the policy that Auto Mode's own tags have to fulfil, in latest/ug/automode/auto-learn-iam.adoc
 *   (awsdocs/amazon-eks-user-guide 4d52b4d).
 */
const presets: Readonly<Record<NodesPreset, Preset>> = {
    kops: {
        tags: (clusterName) => ({ KubernetesCluster: clusterName, "k8s.io/role/node": "1" }),
        group: "kops.k8s.io/instancegroup",
    },
    eks: {
        tags: (clusterName) => ({ "eks:cluster-name": clusterName }),
        group: "eks:nodegroup-name",
    },
    karpenter: {
        tags: (clusterName) => ({ [`kubernetes.io/cluster/${clusterName}`]: "owned" }),
        group: "karpenter.sh/nodepool",
    },
    eksAutoMode: {
        tags: (clusterName) => ({ "eks:eks-cluster-name": clusterName }),
        group: "eks:kubernetes-node-pool-name",
    },
};

/** The filters that a cluster's nodes pass, and nothing else does. Zones and states are not among them. */
export function nodeFilters(clusterName: string, nodes: Unwrap<NodesArgs> = {}): Filter[] {
    const { preset, groups, securityGroupName, securityGroupId, tags = {}, filters = [], vpcId } = nodes;
    const chosen: Filter[] = [
        ...(preset === undefined ? [] : presetFilters(presets[preset], clusterName, groups)),
        ...(securityGroupName === undefined ? [] : [inGroup(securityGroupName)]),
        ...(securityGroupId === undefined ? [] : [{ name: "instance.group-id", values: [securityGroupId] }]),
        ...tagFilters(tags),
        ...filters,
    ];
    return [
        ...(chosen.length > 0 ? chosen : [inGroup(`nodes.${clusterName}`)]),
        ...(vpcId === undefined ? [] : [{ name: "vpc-id", values: [vpcId] }]),
    ];
}

/** Keys of the tags that a preset goes by. */
export function presetTags(preset: NodesPreset, clusterName: string): string[] {
    const { tags, group } = presets[preset];
    return [...Object.keys(tags(clusterName)), group];
}

/** The filters in words: "in the security group ...", "with the tag ...". */
export function describeFilters(filters: readonly Filter[]): string {
    return filters
        .map(({ name, values }) => {
            const [, key] = /^tag:(.*)$/s.exec(name) ?? [];
            const any = values.join(" or ");
            switch (name) {
                case "instance.group-name":
                    return `in the security group "${any}"`;
                case "instance.group-id":
                    return `in the security group ${any}`;
                case "vpc-id":
                    return `in the VPC ${any}`;
                case "tag-key":
                    return `with a tag ${any}`;
                default:
                    return key === undefined ? `with ${name} ${any}` : `with the tag ${key}=${any}`;
            }
        })
        .join(", ");
}

function presetFilters({ tags, group }: Preset, clusterName: string, groups: string[] | undefined): Filter[] {
    const inOneOf = groups ? { name: `tag:${group}`, values: groups } : { name: "tag-key", values: [group] };
    return [...tagFilters(tags(clusterName)), inOneOf];
}

function tagFilters(tags: Readonly<Record<string, string>>): Filter[] {
    return Object.entries(tags).map(([key, value]) => ({ name: `tag:${key}`, values: [value] }));
}

function inGroup(name: string): Filter {
    return { name: "instance.group-name", values: [name] };
}
