/**
 * What the user of a stack's kubeconfig has to be allowed in the cluster, and nothing else: docs/permissions.md and
 * docs/cluster-role.yaml are made from it, and tests hold Pulumi's Kubernetes provider to it.
 *
 * Which requests the provider makes was recorded from @pulumi/kubernetes 4.34.2, and is again in each run of
 * tests/engine/permissions.spec.ts. It also reads /version, /openapi and the lists of APIs, which every user may
 * (ClusterRole system:discovery), and tries to watch events, for messages that nobody here needs: it does without.
 */

/** Rights to one kind of object. */
export interface KindRights {
    readonly apiGroup: string;
    readonly resource: string;
    /** Names of the objects that count; all of the kind if left out. */
    readonly names?: readonly string[];
    /** Verbs, each with what it is for. */
    readonly verbs: Readonly<Record<string, string>>;
}

/** As the provider needs them for any kind that it creates. */
const managed = {
    get: "the object as it is",
    create: "new ones",
    patch: "what changes in place",
    delete: "what goes or is replaced",
    watch: "whether a deletion is done; without it the provider waits for ever",
    list: "the same, where the API server doesn't stream lists",
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
        verbs: { get: "whether the cluster is there, for a storage with `storageClass.create: false`" },
    },
];

/** The ClusterRole that rights make. */
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

/** Every right by itself, such as `create persistentvolumes`. */
export function rightsOf(chosen: readonly KindRights[]): string[] {
    return chosen.flatMap(({ resource, verbs }) => Object.keys(verbs).map((verb) => `${verb} ${resource}`));
}
