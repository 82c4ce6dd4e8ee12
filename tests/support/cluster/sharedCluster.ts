import { AppsV1Api, BatchV1Api, CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { KubernetesObject } from "@kubernetes/client-node";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { startOnlyCluster } from "../../../sandbox/servers";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";

/** A cluster without an account. */
type Cluster = Pick<Servers, "kubeconfig" | "stop">;

const namespace = "default";
const report = () => undefined;

/** The cluster of this process that no test file uses at the moment. */
let idle: Cluster | undefined;

/** An empty cluster: the last file's, or a new one. */
export async function borrowCluster(): Promise<Cluster> {
    const cluster = idle ?? (await startCluster());
    idle = undefined;
    return cluster;
}

/** Empties a cluster and keeps it for the next file, until this process ends. */
export async function returnCluster(cluster: Cluster): Promise<void> {
    try {
        await empty(cluster);
        idle = cluster;
    } catch (error) {
        console.error(
            `the next file gets another cluster: ${error instanceof Error ? error.message : String(error)}`,
        );
        await cluster.stop();
    }
}

async function startCluster(): Promise<Cluster> {
    const parent = process.env["TEST_CLUSTERS"] ?? tmpdir();
    mkdirSync(parent, { recursive: true });
    return startOnlyCluster({ directory: mkdtempSync(join(parent, "cluster-")), mode: "attached", report });
}

/** Kinds of objects that tests create, owners first. */
function kindsOf(cluster: Pick<Servers, "kubeconfig">) {
    const config = kubeConfig(cluster);
    const [apps, batch, core, storage] = [
        config.makeApiClient(AppsV1Api),
        config.makeApiClient(BatchV1Api),
        config.makeApiClient(CoreV1Api),
        config.makeApiClient(StorageV1Api),
    ];
    // Nothing needs the objects any more, so their finalizers are removed.
    const body = [{ op: "add", path: "/metadata/finalizers", value: [] }];
    return [
        {
            list: () => apps.listNamespacedDeployment({ namespace }),
            remove: (name: string) => apps.deleteNamespacedDeployment({ name, namespace }),
        },
        {
            list: () => apps.listNamespacedReplicaSet({ namespace }),
            remove: (name: string) => apps.deleteNamespacedReplicaSet({ name, namespace }),
        },
        {
            list: () => batch.listNamespacedCronJob({ namespace }),
            remove: (name: string) => batch.deleteNamespacedCronJob({ name, namespace }),
        },
        {
            list: () => batch.listNamespacedJob({ namespace }),
            remove: (name: string) => batch.deleteNamespacedJob({ name, namespace }),
        },
        {
            list: () => apps.listNamespacedStatefulSet({ namespace }),
            remove: (name: string) => apps.deleteNamespacedStatefulSet({ name, namespace }),
        },
        {
            list: () => core.listNamespacedPod({ namespace }),
            remove: (name: string) => core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 }),
        },
        {
            list: () => core.listNamespacedPersistentVolumeClaim({ namespace }),
            remove: async (name: string) => {
                await core.deleteNamespacedPersistentVolumeClaim({ name, namespace });
                await core.patchNamespacedPersistentVolumeClaim({ name, namespace, body });
            },
        },
        {
            list: () => core.listPersistentVolume(),
            remove: async (name: string) => {
                await core.deletePersistentVolume({ name });
                await core.patchPersistentVolume({ name, body });
            },
        },
        {
            list: () => storage.listStorageClass(),
            remove: (name: string) => storage.deleteStorageClass({ name }),
        },
        { list: () => core.listNode(), remove: (name: string) => core.deleteNode({ name }) },
    ] as { list: () => Promise<{ items: KubernetesObject[] }>; remove: (name: string) => Promise<unknown> }[];
}

/** Removes all that tests may have made in a cluster. */
export async function empty(cluster: Pick<Servers, "kubeconfig">): Promise<void> {
    for (const { list, remove } of kindsOf(cluster)) {
        const isEmpty = async () => {
            const { items } = await list();
            // It may have been removed meanwhile.
            await Promise.all(items.map(({ metadata }) => remove(String(metadata?.name)).catch(report)));
            return items.length === 0 || undefined;
        };
        await until(isEmpty, "the cluster to be empty", 30);
    }
}
