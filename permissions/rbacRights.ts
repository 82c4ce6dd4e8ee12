/**
 * The least permissions in the cluster for the user of a stack's kubeconfig: docs/permissions.md and
 * docs/cluster-role.yaml are generated from them, and tests run Pulumi's Kubernetes provider with no others.
 *
 * Source: requests of @pulumi/kubernetes 4.34.2, which each run of tests/engine/permissions.spec.ts records again. The
 * provider also reads /version, /openapi and the lists of APIs, which every user may (ClusterRole system:discovery), and
 * tries to watch events, for optional messages.
 */

/** Rights to one kind of object. */
export interface KindRights {
    readonly apiGroup: string;
    readonly resource: string;
    /** Names of the objects. Defaults to all of the kind. */
    readonly names?: readonly string[];
    /** Verbs, each with its purpose. */
    readonly verbs: Readonly<Record<string, string>>;
}

/** Verbs that the provider needs for each kind that it creates. */
const managed = {
    get: "the current object",
    create: "new objects",
    patch: "changes in place",
    delete: "removals and replacements",
    watch: "the end of a deletion; without it the provider waits forever",
    list: "the same, if the API server doesn't stream lists",
};

/** The ClusterRole, kind by kind. */
export const kinds: readonly KindRights[] = [
    { apiGroup: "storage.k8s.io", resource: "storageclasses", verbs: managed },
    { apiGroup: "", resource: "persistentvolumes", verbs: managed },
    { apiGroup: "", resource: "persistentvolumeclaims", verbs: managed },
    {
        apiGroup: "",
        resource: "namespaces",
        names: ["default"],
        verbs: { get: "whether the cluster can be reached, for a storage with `storageClass.create: false`" },
    },
];

/** Rights that the command `adopt` needs beside those. */
export const adoptKinds: readonly KindRights[] = [
    { apiGroup: "apps", resource: "statefulsets", verbs: { list: "whose claims they are" } },
    { apiGroup: "", resource: "pods", verbs: { list: "who uses the disks" } },
    { apiGroup: "", resource: "nodes", verbs: { list: "the cluster's zones" } },
    {
        apiGroup: "",
        resource: "persistentvolumeclaims",
        verbs: { list: "labels and names, also without `claims.create`" },
    },
];

/** The ClusterRole of some rights. */
export function clusterRoleOf(chosen: readonly KindRights[]) {
    return {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "zonal-persistent-storage" },
        rules: chosen.map(({ apiGroup, resource, names, verbs }) => ({
            apiGroups: [apiGroup],
            resources: [resource],
            ...(names && { resourceNames: [...names] }),
            verbs: Object.keys(verbs),
        })),
    };
}

/** All rights, such as `create persistentvolumes`. */
export function rightsOf(chosen: readonly KindRights[]): string[] {
    return chosen.flatMap(({ resource, verbs }) => Object.keys(verbs).map((verb) => `${verb} ${resource}`));
}
