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

/** The one cluster of this process that is started and that no test file uses. */
let idle: Servers | undefined;

/** A cluster without anything in it: the last file's, or a new one. */
export async function borrowCluster(): Promise<Servers> {
    const cluster = idle ?? (await startCluster());
    idle = undefined;
    return cluster;
}

/** Gives a cluster back for the next file, if all that was in it can be removed. It ends with this process. */
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
    // Each file has an account of its own.
    await stopProcesses(directory, ["ec2"]);
    return servers;
}

/** Kinds that tests make objects of, those that make others first. */
function kindsOf(servers: Servers) {
    const config = kubeConfig(servers);
    const [apps, core, storage] = [
        config.makeApiClient(AppsV1Api),
        config.makeApiClient(CoreV1Api),
        config.makeApiClient(StorageV1Api),
    ];
    // Whatever holds an object, nothing needs it any more.
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
            // Another test may have removed it by now.
            await Promise.all(items.map(({ metadata }) => remove(String(metadata?.name)).catch(report)));
            return items.length === 0 || undefined;
        };
        await until(isEmpty, "the cluster to be empty", 30);
    }
}
