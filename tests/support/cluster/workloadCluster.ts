import {
    ApiextensionsV1Api,
    CoreV1Api,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
} from "@kubernetes/client-node";
import type {
    ApiConstructor,
    ApiType,
    KubernetesObject,
    V1Pod,
    V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { startOnlyCluster } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";
import { environmentClients } from "../../../tools/inspect/clients";
import type { Clients } from "../../../tools/inspect/clients";
import { containerWith, namespace, timeoutSeconds } from "./diskCluster";

/** An object with any fields. */
export type AnyObject = KubernetesObject & { readonly spec?: Readonly<Record<string, unknown>> };

/** Custom resources of the tools that manage workloads, and of an operator: group, version, kind and plural. */
const customKinds = [
    ["kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations"],
    ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"],
    ["argoproj.io", "v1alpha1", "Application", "applications"],
    ["keda.sh", "v1alpha1", "ScaledObject", "scaledobjects"],
    ["example.com", "v1", "Database", "databases"],
] as const;

/** A cluster of its own with two nodes, for objects of all kinds. */
export class WorkloadCluster {
    private readonly api: KubernetesObjectApi;

    private constructor(
        public readonly kubeconfig: string,
        public readonly stop: () => Promise<void>,
    ) {
        this.api = KubernetesObjectApi.makeApiClient(kubeConfig({ kubeconfig }));
    }

    /** Starts it. */
    public static async start(): Promise<WorkloadCluster> {
        const directory = mkdtempSync(join(tmpdir(), "workloads-"));
        const report = () => undefined;
        const { kubeconfig, stop } = await startOnlyCluster({ directory, mode: "attached", report });
        const cluster = new WorkloadCluster(kubeconfig, async () => {
            await stop();
            rmSync(directory, { recursive: true, force: true });
        });
        for (const name of ["node-1", "node-2"]) {
            await cluster.api.create({ apiVersion: "v1", kind: "Node", metadata: { name } });
        }
        return cluster;
    }

    /** Clients of its administrator. */
    public clients(): Clients {
        return { ...environmentClients(), kubeConfig: () => kubeConfig(this) };
    }

    /** Installs the custom resources. */
    public async installCustomKinds(): Promise<void> {
        const api = kubeConfig(this).makeApiClient(ApiextensionsV1Api);
        for (const [group, version, kind, plural] of customKinds) {
            const openAPIV3Schema = { type: "object", x_kubernetes_preserve_unknown_fields: true };
            const versions = [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }];
            const names = { kind, plural, singular: kind.toLowerCase() };
            await api.createCustomResourceDefinition({
                body: {
                    metadata: { name: `${plural}.${group}` },
                    spec: { group, scope: "Namespaced", names, versions },
                },
            });
        }
        for (const [group, version, kind] of customKinds) {
            const isServed = () =>
                this.api.list(`${group}/${version}`, kind, namespace).then(
                    () => true,
                    () => undefined,
                );
            await until(isServed, `${kind} to be served`, timeoutSeconds);
        }
    }

    /** Creates an object. */
    public create(object: AnyObject): Promise<AnyObject> {
        return this.api.create({ ...object, metadata: { namespace, ...object.metadata } });
    }

    /** An object as it is now; undefined if it isn't there. */
    public read(apiVersion: string, kind: string, name: string): Promise<AnyObject | undefined> {
        return this.api.read({ apiVersion, kind, metadata: { name, namespace } }).catch((error: unknown) => {
            if ((error as { code?: number }).code === 404) {
                return undefined;
            }
            throw error;
        });
    }

    /** Changes an object. */
    public async patch(object: AnyObject): Promise<void> {
        const placed = { ...object, metadata: { namespace, ...object.metadata } };
        const { MergePatch } = PatchStrategy;
        await this.api.patch(placed, undefined, undefined, undefined, undefined, MergePatch);
    }

    /** Deletes an object, which may be created again. */
    public async remove(apiVersion: string, kind: string, name: string): Promise<void> {
        await this.api.delete({ apiVersion, kind, metadata: { name, namespace } });
    }

    /** Deletes an object and waits until it is gone. */
    public async delete(apiVersion: string, kind: string, name: string): Promise<void> {
        await this.remove(apiVersion, kind, name);
        const gone = async () => ((await this.read(apiVersion, kind, name)) ? undefined : true);
        await until(gone, `${kind} ${name} to be gone`, timeoutSeconds);
    }

    /** Waits for that many pods of a label that are in a phase, and returns them. */
    public pods(app: string, count: number, phase = "Running"): Promise<V1Pod[]> {
        const core = kubeConfig(this).makeApiClient(CoreV1Api);
        return until(
            async () => {
                const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` });
                const found = items.filter(({ status }) => status?.phase === phase);
                return found.length === count ? found : undefined;
            },
            `${count} pods of ${app} to be ${phase}`,
            timeoutSeconds,
        );
    }

    /** Creates a PersistentVolume and a claim of the same name for it. */
    public async createDisk(name: string): Promise<void> {
        await this.createPersistentVolume(name);
        const { spec } = claimTemplate(name);
        await this.create({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec });
    }

    /** Creates a PersistentVolume for any claim. */
    public async createPersistentVolume(name: string): Promise<void> {
        await this.create({
            apiVersion: "v1",
            kind: "PersistentVolume",
            metadata: { name },
            spec: {
                capacity: { storage: "1Gi" },
                accessModes: ["ReadWriteOnce"],
                csi: { driver: "ebs.csi.aws.com", volumeHandle: `vol-${name}` },
                storageClassName: "disks",
            },
        });
    }
}

/** A claim of one of the disks. */
export function claimTemplate(name: string) {
    const resources = { requests: { storage: "1Gi" } };
    return {
        metadata: { name },
        spec: { accessModes: ["ReadWriteOnce"], storageClassName: "disks", resources },
    };
}

/** A template of pods with the label `app` that use a claim, or the claim template `data`. */
export function podTemplate(app: string, claimName?: string): V1PodTemplateSpec {
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: claimName ?? "" } }];
    return {
        metadata: { labels: { app } },
        spec: {
            terminationGracePeriodSeconds: 0,
            containers: [containerWith("data")],
            ...(claimName !== undefined && { volumes }),
        },
    };
}

/** A workload of the group apps. */
export function appOf(
    kind: "StatefulSet" | "Deployment" | "ReplicaSet",
    name: string,
    spec: Readonly<Record<string, unknown>>,
    metadata: Readonly<Record<string, unknown>> = {},
): AnyObject {
    const selector = { matchLabels: { app: name } };
    return {
        apiVersion: "apps/v1",
        kind,
        metadata: { name, ...metadata },
        spec: { selector, ...(kind === "StatefulSet" && { serviceName: name }), ...spec },
    };
}

/** Clients that are killed instead of making the given change, counted from 1. */
export function killedAt(clients: Clients, change: number): Clients {
    let changes = 0;
    class Killed extends KubeConfig {
        public override makeApiClient<T extends ApiType>(type: ApiConstructor<T>): T {
            return new Proxy(super.makeApiClient(type), {
                get: (target, key, receiver) => {
                    const method: unknown = Reflect.get(target, key, receiver);
                    if (typeof method !== "function" || !/^(patch|create|delete)N/.test(String(key))) {
                        return method;
                    }
                    return (...args: unknown[]): unknown => {
                        changes += 1;
                        if (changes >= change) {
                            throw new Error("killed");
                        }
                        return Reflect.apply(method, target, args);
                    };
                },
            });
        }
    }
    return {
        ...clients,
        kubeConfig: () => {
            const config = new Killed();
            config.loadFromString(clients.kubeConfig().exportConfig());
            return config;
        },
    };
}
