import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Clients } from "./clients";
import { messageOf } from "./errors";
import type { Note } from "./target";

/** What a cluster holds, as far as disks go. */
export interface Cluster {
    /** Name of the kubeconfig's context that the rest was read with. */
    readonly context: string;
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly claims: readonly V1PersistentVolumeClaim[];
    readonly pods: readonly V1Pod[];
    /** Undefined if the user isn't allowed to see them. */
    readonly nodes?: readonly V1Node[];
}

/**
 * Reads what matters of the cluster.
 *
 * @throws Error if it can't be reached.
 */
export async function readCluster(clients: Clients, note: Note): Promise<Cluster> {
    const config = clients.kubeConfig();
    const context = config.getCurrentContext();
    const api = config.makeApiClient(CoreV1Api);
    const nodes = api.listNode().catch((error: unknown) => {
        // Not everyone who may see disks may see nodes.
        if (error instanceof ApiException && error.code === 403) {
            note("the zones of the nodes weren't looked at: the user of the kubeconfig may not list nodes");
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
        throw new Error(`the cluster of context ${context} can't be looked at: ${messageOf(error)}`);
    }
}
