import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { undefinedIfNotFound } from "../inspect/errors";
import { isOutOfService, readNode } from "./outOfService";
import { withRight } from "../inspect/rights";

/** A pod that may have been replaced by another of its name. */
export interface PodIdentity {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
}

/**
 * Deletes pods without waiting for their kubelet, which can't answer any more. Pods that are gone, or that were replaced
 * by others of the same name, stay as they are. Forced deletion of a pod that still runs lets a second one write to the
 * same volume: https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/, read on 2026-11-26.
 *
 * @throws Error if the node of one of them still exists and isn't out of service; then none is deleted.
 */
export async function forceDeletePods(clients: Clients, pods: readonly PodIdentity[]): Promise<void> {
    const api = clients.kubeConfig().makeApiClient(CoreV1Api);
    const found = await Promise.all(
        pods.map(async (pod) => {
            const read = await withRight("get pods", () => undefinedIfNotFound(api.readNamespacedPod(pod)));
            return read?.metadata?.uid === pod.uid ? [{ pod, node: read.spec?.nodeName }] : [];
        }),
    );
    const open = found.flat();
    const nodeNames = [...new Set(open.flatMap(({ node }) => node ?? []))];
    const nodes = await Promise.all(nodeNames.map((name) => readNode(api, name)));
    const serving = nodes.flatMap((node) =>
        node && !isOutOfService(node) ? (node.metadata?.name ?? []) : [],
    );
    const refused = open.filter(({ node }) => node !== undefined && serving.includes(node));
    if (refused.length > 0) {
        const names = refused.map(({ pod, node }) => `${pod.namespace}/${pod.name} on ${node}`);
        throw new Error(
            `no pod was deleted by force: ${names.join(", ")} may still run, since the node isn't out of service. Delete it without force, or stop the node's instance`,
        );
    }
    await Promise.all(open.map(({ pod }) => deleteByForce(api, pod)));
}

async function deleteByForce(api: CoreV1Api, { namespace, name, uid }: PodIdentity): Promise<void> {
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    try {
        await withRight("delete pods", () =>
            undefinedIfNotFound(api.deleteNamespacedPod({ namespace, name, body })),
        );
    } catch (error) {
        // Another pod has the name by now.
        if (!(error instanceof ApiException && error.code === 409)) {
            throw error;
        }
    }
}
