import { AppsV1Api, CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { KubernetesObject } from "@kubernetes/client-node";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { stopProcesses } from "../../../sandbox/processes";
import { startServers } from "../../../sandbox/servers";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";

const namespace = "default";
const report = () => undefined;

/** The cluster of this process that no test file uses at the moment. */
let idle: Servers | undefined;

/** An empty cluster: the last file's, or a new one. */
export async function borrowCluster(): Promise<Servers> {
    const cluster = idle ?? (await startCluster());
    idle = undefined;
    return cluster;
}

/** Empties a cluster and keeps it for the next file, until this process ends. */
export async function returnCluster(cluster: Servers): Promise<void> {
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

async function startCluster(): Promise<Servers> {
    const parent = process.env["TEST_CLUSTERS"] ?? tmpdir();
    mkdirSync(parent, { recursive: true });
    const directory = mkdtempSync(join(parent, "cluster-"));
    const servers = await startServers({ directory, mode: "attached", report });
    // Each file has its own account.
    await stopProcesses(directory, ["ec2"]);
    return servers;
}

/** Kinds of objects that tests create, owners first. */
function kindsOf(servers: Servers) {
    const config = kubeConfig(servers);
    const [apps, core, storage] = [
        config.makeApiClient(AppsV1Api),
        config.makeApiClient(CoreV1Api),
        config.makeApiClient(StorageV1Api),
    ];
    // Nothing needs the objects any more, so their finalizers are removed.
    const body = [{ op: "add", path: "/metadata/finalizers", value: [] }];
    return [
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
export async function empty(servers: Servers): Promise<void> {
    for (const { list, remove } of kindsOf(servers)) {
        const isEmpty = async () => {
            const { items } = await list();
            // It may have been removed meanwhile.
            await Promise.all(items.map(({ metadata }) => remove(String(metadata?.name)).catch(report)));
            return items.length === 0 || undefined;
        };
        await until(isEmpty, "the cluster to be empty", 30);
    }
}
