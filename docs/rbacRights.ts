/**
 * What the user of a stack's kubeconfig has to be allowed in the cluster, and nothing else: docs/permissions.md and
 * docs/cluster-role.yaml are made from it, and tests hold Pulumi's Kubernetes provider to it.
 *
 * Which requests the provider makes: recorded from @pulumi/kubernetes 4.34.2 (tests/engine/permissions.spec.ts).
 */

/** Rights to one kind of object. */
export interface KindRights {
    readonly apiGroup: string;
    readonly resource: string;
    /** Objects that the right ends at; all of the kind if left out. */
    readonly names?: readonly string[];
    /** Verbs, each with what it is for. */
    readonly verbs: Readonly<Record<string, string>>;
}

const own = {
    get: "the object as it is",
    create: "new ones; a preview asks too, as a dry run",
    patch: "labels, annotations, sizes; a preview asks too, as a dry run",
    delete: "what the stack no longer asks for, and what is replaced",
};

/** The ClusterRole, kind by kind. */
export const kinds: readonly KindRights[] = [
    { apiGroup: "storage.k8s.io", resource: "storageclasses", verbs: own },
    { apiGroup: "", resource: "persistentvolumes", verbs: { ...own } },
    { apiGroup: "", resource: "persistentvolumeclaims", verbs: { ...own } },
    {
        apiGroup: "",
        resource: "namespaces",
        names: ["default"],
        verbs: { get: "whether the cluster is there" },
    },
];
