import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Clients } from "./clients";
import { messageOf } from "./errors";
import { claimFields, nodeFields, persistentVolumeFields, podFields } from "./fields";
import { listed, pages } from "./pages";
import { podsOf } from "./pods";
import type { Pods } from "./pods";
import type { Note } from "./target";

/** Objects of a cluster that disks depend on, with the fields that count. */
export interface Cluster {
    /** Name of the kubeconfig's context. */
    readonly context: string;
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly claims: readonly V1PersistentVolumeClaim[];
    readonly pods: Pods;
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
    try {
        // One list after the other: each page takes a lot of memory until its fields are picked.
        return {
            context,
            persistentVolumes: await listed<V1PersistentVolume>(
                (...page) => api.listPersistentVolume(...page),
                persistentVolumeFields,
            ),
            claims: await listed<V1PersistentVolumeClaim>(
                (...page) => api.listPersistentVolumeClaimForAllNamespaces(...page),
                claimFields,
            ),
            pods: await podsOf(pages<V1Pod>((...page) => api.listPodForAllNamespaces(...page), podFields)),
            nodes: await readNodes(api, note),
        };
    } catch (error) {
        throw new Error(`could not read the cluster of context ${context}: ${messageOf(error)}`);
    }
}

/** The nodes. A user may have the right to list PersistentVolumes but not nodes. */
async function readNodes(api: CoreV1Api, note: Note): Promise<V1Node[] | undefined> {
    try {
        return await listed<V1Node>((...page) => api.listNode(...page), nodeFields);
    } catch (error) {
        if (error instanceof ApiException && error.code === 403) {
            note("could not read the zones of nodes: the kubeconfig's user may not list nodes");
            return undefined;
        }
        throw error;
    }
}
