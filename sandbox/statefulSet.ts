import { AppsV1Api, CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { KubernetesObject, V1Pod } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { kubeConfig } from "./controlPlane/kubeConfig";
import type { Servers } from "./servers";
import { until } from "./until";

const namespace = "default";

/** A StatefulSet of the sandbox's cluster. */
export class StatefulSet {
    private readonly objects: KubernetesObjectApi;
    private readonly core: CoreV1Api;
    private readonly apps: AppsV1Api;

    public constructor(
        servers: Servers,
        private readonly name: string,
    ) {
        const config = kubeConfig(servers);
        this.objects = KubernetesObjectApi.makeApiClient(config);
        this.core = config.makeApiClient(CoreV1Api);
        this.apps = config.makeApiClient(AppsV1Api);
    }

    /** Applies all objects of a file, like `kubectl apply`. */
    public async apply(file: string): Promise<void> {
        const { ServerSideApply } = PatchStrategy;
        for (const document of parseAllDocuments(await readFile(file, "utf8"))) {
            const object = document.toJS() as KubernetesObject;
            const placed = { ...object, metadata: { namespace, ...object.metadata } };
            await this.objects.patch(placed, undefined, undefined, "sandbox", true, ServerSideApply);
        }
    }

    /** Scales it, and waits until surplus pods have ended. */
    public async scale(replicas: number): Promise<void> {
        const body = [{ op: "replace", path: "/spec/replicas", value: replicas }];
        await this.apps.patchNamespacedStatefulSetScale({ name: this.name, namespace, body });
        const gone = async () => ((await this.pods()).length <= replicas ? true : undefined);
        await until(gone, `${this.name} to have at most ${replicas} pods`, 60);
    }

    /** Deletes a claim, and waits until it is gone. */
    public async deleteClaim(name: string): Promise<void> {
        await this.core.deleteNamespacedPersistentVolumeClaim({ name, namespace });
        const gone = () =>
            this.core.readNamespacedPersistentVolumeClaim({ name, namespace }).then(
                () => undefined,
                () => true,
            );
        await until(gone, `claim ${name} to be gone`, 60);
    }

    /** Waits until that many pods run, and returns their zones by name. */
    public async running(count: number): Promise<Record<string, string>> {
        const pods = await until(
            async () => {
                const found = (await this.pods()).filter(({ status }) => status?.phase === "Running");
                return found.length === count ? found : undefined;
            },
            `${count} pods of ${this.name} to run`,
            120,
        );
        const { items } = await this.core.listNode();
        const zoneOf = ({ spec }: V1Pod) =>
            items.find(({ metadata }) => metadata?.name === spec?.nodeName)?.metadata?.labels?.[
                "topology.kubernetes.io/zone"
            ] ?? "";
        return Object.fromEntries(pods.map((pod) => [String(pod.metadata?.name), zoneOf(pod)]));
    }

    /** Waits until one of its pods can't be scheduled, and returns the scheduler's message. */
    public pending(): Promise<string> {
        return until(
            async () => {
                const [pod] = (await this.pods()).filter(({ status }) => status?.phase === "Pending");
                const reason = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
                return reason?.status === "False"
                    ? `${pod?.metadata?.name}: ${reason.message?.split(". ")[0]}`
                    : undefined;
            },
            `a pod of ${this.name} to be Pending`,
            60,
        );
    }

    private async pods(): Promise<V1Pod[]> {
        const { items } = await this.core.listNamespacedPod({ namespace });
        return items.filter(({ metadata }) =>
            metadata?.ownerReferences?.some(({ name }) => name === this.name),
        );
    }
}
