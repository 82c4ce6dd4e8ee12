import type { V1Container, V1Pod } from "@kubernetes/client-node";

/** Where the token of a pod's ServiceAccount is mounted. */
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Annotations about the former pod's network and defaults, which are set again. */
const ofFormerPod = [
    /^cni\.projectcalico\.org\//,
    /^k8s\.ovn\.org\//,
    /^k8s\.v1\.cni\.cncf\.io\/network-status$/,
    /^kubernetes\.io\/limit-ranger$/,
];

/**
 * The manifest that creates a pod again on any node. It leaves out what Kubernetes sets by itself, and refuses or would
 * follow when it is given: the node, the numbers of a PriorityClass and a RuntimeClass, and the volume with the token,
 * which the admission plugin ServiceAccount adds (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/,
 * read on 2026-11-26).
 */
export function manifestOf({ metadata, spec }: V1Pod): V1Pod {
    const { namespace, name, labels, annotations, ownerReferences } = metadata ?? {};
    const head: V1Pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            namespace,
            name,
            labels,
            ownerReferences,
            annotations: annotations && withoutFormer(annotations),
        },
    };
    if (!spec) {
        return head;
    }
    const tokens = tokenVolumes(spec);
    const { nodeName, ephemeralContainers, serviceAccount, priority, preemptionPolicy, overhead, ...rest } =
        spec;
    return asJson({
        ...head,
        spec: {
            ...rest,
            containers: spec.containers.map((one) => withoutMounts(one, tokens)),
            initContainers: spec.initContainers?.map((one) => withoutMounts(one, tokens)),
            volumes: spec.volumes?.filter(({ name: volume }) => !tokens.has(volume)),
        },
    });
}

/** Names of the volumes that Kubernetes has added for the ServiceAccount's token. */
function tokenVolumes({ containers, initContainers, volumes }: NonNullable<V1Pod["spec"]>): Set<string> {
    const mounted = [...containers, ...(initContainers ?? [])].flatMap(({ volumeMounts }) =>
        (volumeMounts ?? []).filter(({ mountPath }) => mountPath === tokenPath).map(({ name }) => name),
    );
    const added = (volumes ?? []).filter(
        ({ name, projected, secret }) =>
            (projected && name.startsWith("kube-api-access-")) ||
            (secret && /-token-[a-z0-9]{5}$/.test(name)),
    );
    return new Set(added.map(({ name }) => name).filter((name) => mounted.includes(name)));
}

function withoutMounts(container: V1Container, volumes: ReadonlySet<string>): V1Container {
    return {
        ...container,
        volumeMounts: container.volumeMounts?.filter(({ name }) => !volumes.has(name)),
    };
}

function withoutFormer(annotations: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(annotations).filter(([key]) => !ofFormerPod.some((pattern) => pattern.test(key))),
    );
}

/** The same as a file has it: without fields that aren't set. */
function asJson(pod: V1Pod): V1Pod {
    return JSON.parse(JSON.stringify(pod)) as V1Pod;
}
