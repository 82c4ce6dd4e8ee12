import { ApiException, CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type {
    KubeConfig,
    V1Namespace,
    V1Node,
    V1PersistentVolume,
    V1PersistentVolumeClaim,
    V1Pod,
    V1StorageClass,
} from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { undefinedIfNotFound } from "../inspect/errors";
import { isRunId, nameOf, runKey, runOfName } from "./runIds";

/** The cluster of the kubeconfig's current context: nodes, and objects of runs. */
export class Cluster {
    /** Name of the context. The kubeconfig's current one may change during a run. */
    public readonly context: string;
    private readonly core: CoreV1Api;
    private readonly storage: StorageV1Api;

    public constructor(config: KubeConfig) {
        this.context = config.getCurrentContext();
        this.core = config.makeApiClient(CoreV1Api);
        this.storage = config.makeApiClient(StorageV1Api);
    }

    /** Nodes without a NoSchedule taint. */
    public async workers(): Promise<V1Node[]> {
        const { items } = await withRetries(() => this.core.listNode());
        return items.filter(({ spec }) => !spec?.taints?.some(({ effect }) => effect === "NoSchedule"));
    }

    public node(name: string): Promise<V1Node | undefined> {
        return unlessGone(() => this.core.readNode({ name }));
    }

    public persistentVolume(name: string): Promise<V1PersistentVolume | undefined> {
        return unlessGone(() => this.core.readPersistentVolume({ name }));
    }

    public claim(run: string, name: string): Promise<V1PersistentVolumeClaim | undefined> {
        return unlessGone(() =>
            this.core.readNamespacedPersistentVolumeClaim({ name, namespace: nameOf(run) }),
        );
    }

    public pod(run: string, name: string): Promise<V1Pod | undefined> {
        return unlessGone(() => this.core.readNamespacedPod({ name, namespace: nameOf(run) }));
    }

    /** Output of the pod's container. */
    public async log(run: string, name: string): Promise<string> {
        return withRetries(() => this.core.readNamespacedPodLog({ name, namespace: nameOf(run) }));
    }

    public async createNamespace(run: string): Promise<void> {
        const metadata = { name: nameOf(run), labels: { [runKey]: run } };
        await this.core.createNamespace({ body: { metadata } });
    }

    /** @returns false if the namespace is too new to have its ServiceAccount. */
    public async createPod(run: string, body: V1Pod): Promise<boolean> {
        try {
            await this.core.createNamespacedPod({ namespace: nameOf(run), body });
            return true;
        } catch (error) {
            if (error instanceof ApiException && String(error.body).includes("serviceaccount")) {
                return false;
            }
            throw error;
        }
    }

    public deletePod(run: string, name: string): Promise<unknown> {
        return unlessGone(() => this.core.deleteNamespacedPod({ name, namespace: nameOf(run) }));
    }

    /** Namespaces with the label of runs. */
    public async namespaces(): Promise<V1Namespace[]> {
        const { items } = await withRetries(() => this.core.listNamespace({ labelSelector: runKey }));
        return items.filter(hasRun);
    }

    /** PersistentVolumes with the label of runs. */
    public async persistentVolumes(): Promise<V1PersistentVolume[]> {
        const { items } = await withRetries(() => this.core.listPersistentVolume({ labelSelector: runKey }));
        return items.filter(hasRun);
    }

    /** StorageClasses without a provisioner that have names of runs. */
    public async classes(): Promise<V1StorageClass[]> {
        const { items } = await withRetries(() => this.storage.listStorageClass());
        return items.filter(
            ({ metadata, provisioner }) =>
                provisioner === "kubernetes.io/no-provisioner" &&
                runOfName(metadata?.name ?? "") !== undefined,
        );
    }

    /** Deletes a namespace with its claims and pods. The request conflicts if its deletion has begun already. */
    public async deleteNamespace(name: string): Promise<void> {
        try {
            await unlessGone(() => this.core.deleteNamespace({ name }));
        } catch (error) {
            if (!(error instanceof ApiException && error.code === 409)) {
                throw error;
            }
        }
    }

    public deletePersistentVolume(name: string): Promise<unknown> {
        return unlessGone(() => this.core.deletePersistentVolume({ name }));
    }

    public deleteClass(name: string): Promise<unknown> {
        return unlessGone(() => this.storage.deleteStorageClass({ name }));
    }
}

/**
 * Whether a node runs no containers: a kubelet reports a container runtime such as `containerd://2.1.1`, kwok and tests
 * report none.
 */
export function isSimulated({ status }: V1Node): boolean {
    return !/^[\w-]+:\/\//.test(status?.nodeInfo?.containerRuntimeVersion ?? "");
}

function hasRun({ metadata }: V1Namespace | V1PersistentVolume): boolean {
    return isRunId(metadata?.labels?.[runKey]);
}

/** The answer; undefined if there is no such object. */
function unlessGone<T>(request: () => Promise<T>): Promise<T | undefined> {
    return undefinedIfNotFound(withRetries(request));
}

/** Milliseconds before each retry. The Kubernetes client has no retries of its own. */
const retryDelays = [500, 2000, 5000];

/** Retries an idempotent request if the API server can't be reached or asks for it. */
async function withRetries<T>(request: () => Promise<T>): Promise<T> {
    for (const pause of retryDelays) {
        try {
            return await request();
        } catch (error) {
            if (error instanceof ApiException && error.code < 500 && error.code !== 429) {
                throw error;
            }
            await sleep(pause);
        }
    }
    return request();
}
