import type { KindRights } from "./rbacRights";

/**
 * Rights that commands need to judge nodes, and to free the volumes of those that are lost. Tests run `tools/nodes/` with
 * no others in the cluster.
 */
export const nodeKinds: readonly KindRights[] = [
    {
        apiGroup: "",
        resource: "nodes",
        verbs: {
            list: "zones with room, nodes that are lost",
            get: "whether a node is out of service",
            patch: "the taint that takes a lost node out of service, and its removal",
        },
    },
    { apiGroup: "storage.k8s.io", resource: "csinodes", verbs: { list: "attach slots of the nodes" } },
    {
        apiGroup: "storage.k8s.io",
        resource: "volumeattachments",
        verbs: { list: "used attach slots, and whether volumes are detached" },
    },
    {
        apiGroup: "",
        resource: "pods",
        verbs: { get: "whether a pod is still the same", delete: "pods of lost nodes, by force" },
    },
];

/** Actions in AWS that they need, each with its purpose. */
export const nodeActions: Readonly<Record<string, string>> = {
    "ec2:DescribeInstances": "whether the instance of a node that isn't ready runs",
};
