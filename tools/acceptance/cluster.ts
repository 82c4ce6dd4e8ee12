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
import { isRunId, nameOf, runKey, runOfName } from "./runIds";

/** The cluster of the kubeconfig's current context, as far as runs matter. */
export class Cluster {
    /** Name of the context: the kubeconfig may say another one while a run goes on. */
    public readonly context: string;
    private readonly core: CoreV1Api;
    private readonly storage: StorageV1Api;

    public constructor(config: KubeConfig) {
        this.context = config.getCurrentContext();
        this.core = config.makeApiClient(CoreV1Api);
        this.storage = config.makeApiClient(StorageV1Api);
    }

    /** Nodes that take pods of anyone. */
    public async workers(): Promise<V1Node[]> {
        const { items } = await patiently(() => this.core.listNode());
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

    /** Everything that the pod's container has printed. */
    public async log(run: string, name: string): Promise<string> {
        return patiently(() => this.core.readNamespacedPodLog({ name, namespace: nameOf(run) }));
    }

    public async createNamespace(run: string): Promise<void> {
        const metadata = { name: nameOf(run), labels: { [runKey]: run } };
        await this.core.createNamespace({ body: { metadata } });
    }

    /** @returns whether it could be: a new namespace's ServiceAccount comes a moment later than the namespace. */
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
        const { items } = await patiently(() => this.core.listNamespace({ labelSelector: runKey }));
        return items.filter(hasRun);
    }

    /** PersistentVolumes with the label of runs. */
    public async persistentVolumes(): Promise<V1PersistentVolume[]> {
        const { items } = await patiently(() => this.core.listPersistentVolume({ labelSelector: runKey }));
        return items.filter(hasRun);
    }

    /** StorageClasses that are called as those of runs, and provision nothing. */
    public async classes(): Promise<V1StorageClass[]> {
        const { items } = await patiently(() => this.storage.listStorageClass());
        return items.filter(
            ({ metadata, provisioner }) =>
                provisioner === "kubernetes.io/no-provisioner" &&
                runOfName(metadata?.name ?? "") !== undefined,
        );
    }

    /** With the claims and the pods in it. One that is going already answers with a conflict. */
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
 * Whether a node runs no containers: one that kwok or a test plays reports no container runtime, where a kubelet
 * reports such as `containerd://2.1.1`.
 */
export function isSimulated({ status }: V1Node): boolean {
    return !/^[\w-]+:\/\//.test(status?.nodeInfo?.containerRuntimeVersion ?? "");
}

function hasRun({ metadata }: V1Namespace | V1PersistentVolume): boolean {
    return isRunId(metadata?.labels?.[runKey]);
}

/** Undefined where there is no such object. */
async function unlessGone<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
        return await patiently(request);
    } catch (error) {
        if (error instanceof ApiException && error.code === 404) {
            return undefined;
        }
        throw error;
    }
}

/** Milliseconds before a request is sent again: the client itself gives up at once, AWS' own tries three times. */
const pauses = [500, 2000, 5000];

/** A request that may be sent twice, sent again where the API server couldn't be reached or asks for it. */
async function patiently<T>(request: () => Promise<T>): Promise<T> {
    for (const pause of pauses) {
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
