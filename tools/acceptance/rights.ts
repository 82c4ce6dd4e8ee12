import type { Grant } from "../../permissions/iamRights";
import type { KindRights } from "../../permissions/rbacRights";

/**
 * Rights of a run beyond those of the stack itself (docs/permissions.md): to read modifications, and to remove resources
 * that the stack keeps. docs/acceptance.md lists them, and a test runs with no others.
 */
export const acceptanceGrants: readonly Grant[] = [
    {
        sid: "AcceptanceLook",
        feature: "volumes",
        commands: ["up"],
        actions: { "ec2:DescribeVolumesModifications": "whether EC2 goes by a new size or type" },
        resources: ["*"],
    },
    {
        sid: "AcceptanceDeleteSnapshots",
        feature: "snapshots",
        commands: ["up"],
        actions: { "ec2:DeleteSnapshot": "the run's two snapshots" },
        resources: ["arn:aws:ec2:REGION::snapshot/*"],
        condition: { StringEquals: { "aws:ResourceTag/KubernetesCluster": "CLUSTER" } },
    },
];

/** The same in the cluster. */
export const acceptanceKinds: readonly KindRights[] = [
    {
        apiGroup: "",
        resource: "nodes",
        verbs: { get: "where the pod is", list: "the zones of nodes" },
    },
    {
        apiGroup: "",
        resource: "namespaces",
        verbs: { list: "what runs have left", create: "the run's own", delete: "the same" },
    },
    {
        apiGroup: "",
        resource: "pods",
        verbs: {
            get: "what becomes of the pod",
            create: "the one that writes and the one that reads",
            delete: "the same",
        },
    },
    { apiGroup: "", resource: "pods/log", verbs: { get: "what the pod has printed" } },
];
