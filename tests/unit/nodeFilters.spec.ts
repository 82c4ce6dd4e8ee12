import assert from "node:assert/strict";
import type { Unwrap } from "@pulumi/pulumi";
import { NodesPreset } from "../../components";
import type { NodesArgs } from "../../components";
import { describeFilters, nodeFilters, presetTags } from "../../components/plan/nodeFilters";

const cluster = "shop";

const selections: [string, Unwrap<NodesArgs> | undefined, Record<string, string[]>, string][] = [
    [
        "the security group that kops gives its nodes, by default",
        undefined,
        { "instance.group-name": ["nodes.shop"] },
        'in the security group "nodes.shop"',
    ],
    [
        "the default in one VPC",
        { vpcId: "vpc-1", includeLocalZones: true },
        { "instance.group-name": ["nodes.shop"], "vpc-id": ["vpc-1"] },
        'in the security group "nodes.shop", in the VPC vpc-1',
    ],
    [
        "a security group by name",
        { securityGroupName: "workers" },
        { "instance.group-name": ["workers"] },
        'in the security group "workers"',
    ],
    [
        "a security group by id",
        { securityGroupId: "sg-1" },
        { "instance.group-id": ["sg-1"] },
        "in the security group sg-1",
    ],
    [
        "tags",
        { tags: { "aws:eks:cluster-name": "shop", role: "worker" } },
        { "tag:aws:eks:cluster-name": ["shop"], "tag:role": ["worker"] },
        "with the tag aws:eks:cluster-name=shop, with the tag role=worker",
    ],
    [
        "any EC2 filter",
        { filters: [{ name: "image-id", values: ["ami-1", "ami-2"] }] },
        { "image-id": ["ami-1", "ami-2"] },
        "with image-id ami-1 or ami-2",
    ],
    [
        "kops by its tags",
        { preset: "kops" },
        {
            "tag:KubernetesCluster": ["shop"],
            "tag:k8s.io/role/node": ["1"],
            "tag-key": ["kops.k8s.io/instancegroup"],
        },
        "with the tag KubernetesCluster=shop, with the tag k8s.io/role/node=1, with a tag kops.k8s.io/instancegroup",
    ],
    [
        "instance groups of kops",
        { preset: "kops", groups: ["nodes-a", "nodes-b"] },
        {
            "tag:KubernetesCluster": ["shop"],
            "tag:k8s.io/role/node": ["1"],
            "tag:kops.k8s.io/instancegroup": ["nodes-a", "nodes-b"],
        },
        "with the tag KubernetesCluster=shop, with the tag k8s.io/role/node=1, " +
            "with the tag kops.k8s.io/instancegroup=nodes-a or nodes-b",
    ],
    [
        "EKS managed node groups",
        { preset: "eks" },
        { "tag:eks:cluster-name": ["shop"], "tag-key": ["eks:nodegroup-name"] },
        "with the tag eks:cluster-name=shop, with a tag eks:nodegroup-name",
    ],
    [
        "one managed node group",
        { preset: "eks", groups: ["stateful"] },
        { "tag:eks:cluster-name": ["shop"], "tag:eks:nodegroup-name": ["stateful"] },
        "with the tag eks:cluster-name=shop, with the tag eks:nodegroup-name=stateful",
    ],
    [
        "Karpenter",
        { preset: "karpenter" },
        { "tag:kubernetes.io/cluster/shop": ["owned"], "tag-key": ["karpenter.sh/nodepool"] },
        "with the tag kubernetes.io/cluster/shop=owned, with a tag karpenter.sh/nodepool",
    ],
    [
        "one NodePool of Karpenter",
        { preset: "karpenter", groups: ["default"] },
        { "tag:kubernetes.io/cluster/shop": ["owned"], "tag:karpenter.sh/nodepool": ["default"] },
        "with the tag kubernetes.io/cluster/shop=owned, with the tag karpenter.sh/nodepool=default",
    ],
    [
        "EKS Auto Mode",
        { preset: "eksAutoMode" },
        { "tag:eks:eks-cluster-name": ["shop"], "tag-key": ["eks:kubernetes-node-pool-name"] },
        "with the tag eks:eks-cluster-name=shop, with a tag eks:kubernetes-node-pool-name",
    ],
    [
        "one NodePool of EKS Auto Mode",
        { preset: "eksAutoMode", groups: ["general-purpose"] },
        {
            "tag:eks:eks-cluster-name": ["shop"],
            "tag:eks:kubernetes-node-pool-name": ["general-purpose"],
        },
        "with the tag eks:eks-cluster-name=shop, with the tag eks:kubernetes-node-pool-name=general-purpose",
    ],
    [
        "all that is given, at once",
        {
            preset: "eks",
            groups: ["stateful"],
            securityGroupName: "workers",
            securityGroupId: "sg-1",
            tags: { team: "a" },
            filters: [{ name: "image-id", values: ["ami-1"] }],
            vpcId: "vpc-1",
        },
        {
            "tag:eks:cluster-name": ["shop"],
            "tag:eks:nodegroup-name": ["stateful"],
            "instance.group-name": ["workers"],
            "instance.group-id": ["sg-1"],
            "tag:team": ["a"],
            "image-id": ["ami-1"],
            "vpc-id": ["vpc-1"],
        },
        "with the tag eks:cluster-name=shop, with the tag eks:nodegroup-name=stateful, " +
            'in the security group "workers", in the security group sg-1, with the tag team=a, with image-id ami-1, ' +
            "in the VPC vpc-1",
    ],
];

describe("filters for nodes", () => {
    selections.forEach(([what, nodes, filters, words]) =>
        it(what, () => {
            const found = nodeFilters(cluster, nodes);
            assert.deepEqual(
                found,
                Object.entries(filters).map(([name, values]) => ({ name, values })),
            );
            assert.equal(describeFilters(found), words);
        }),
    );

    it("differ between all presets", () => {
        const keys = Object.values(NodesPreset).flatMap((preset) => presetTags(preset, cluster));
        assert.equal(new Set(keys).size, keys.length);
    });
});
