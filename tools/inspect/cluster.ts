import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Clients } from "./clients";
import { messageOf } from "./errors";
import type { Note } from "./target";

/** Objects of a cluster that disks depend on. */
export interface Cluster {
    /** Name of the kubeconfig's context. */
    readonly context: string;
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly claims: readonly V1PersistentVolumeClaim[];
    readonly pods: readonly V1Pod[];
    /** Undefined if the user may not list them. */
    readonly nodes?: readonly V1Node[];
}

/**
 * Reads the cluster's PersistentVolumes, claims, pods and nodes.
 *
 * @throws Error if it can't be reached.
 */
export async function readCluster(clients: Clients, note: Note): Promise<Cluster> {
    const config = clients.kubeConfig();
    const context = config.getCurrentContext();
    const api = config.makeApiClient(CoreV1Api);
    const nodes = api.listNode().catch((error: unknown) => {
        // A user may have the right to list PersistentVolumes but not nodes.
        if (error instanceof ApiException && error.code === 403) {
            note("could not read the zones of nodes: the kubeconfig's user may not list nodes");
            return undefined;
        }
        throw error;
    });
    try {
        const [persistentVolumes, claims, pods, all] = await Promise.all([
            api.listPersistentVolume(),
            api.listPersistentVolumeClaimForAllNamespaces(),
            api.listPodForAllNamespaces(),
            nodes,
        ]);
        return {
            context,
            persistentVolumes: persistentVolumes.items,
            claims: claims.items,
            pods: pods.items,
            nodes: all?.items,
        };
    } catch (error) {
        throw new Error(`could not read the cluster of context ${context}: ${messageOf(error)}`);
    }
}
