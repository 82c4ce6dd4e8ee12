import { KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { KubernetesObject, V1ObjectMeta } from "@kubernetes/client-node";
import { kubeConfig } from "../controlPlane/kubeConfig";
import { until } from "../until";
import { inputChanges } from "./diff";
import { sdkVersion } from "./provider";
import type { Change, DiffRequest, ResourceState, Properties, Provider, ResourceType } from "./provider";

/** Stand-in for the provider of @pulumi/kubernetes: applies any object, and waits like the real one. */
export class KubernetesProvider implements Provider {
    public readonly name = "kubernetes";
    public readonly version = sdkVersion("kubernetes");
    private readonly api: KubernetesObjectApi;

    public constructor(kubeconfig: string) {
        this.api = KubernetesObjectApi.makeApiClient(kubeConfig({ kubeconfig }));
    }

    public resourceType(token: string): ResourceType {
        const [, apiVersion, kind] = /^kubernetes:(.+):(\w+)$/.exec(token) ?? [];
        if (apiVersion === undefined || kind === undefined) {
            throw new Error(`the stand-in for kubernetes has no ${token}`);
        }
        return new ObjectType(this.api, apiVersion.replace(/^core\//, ""), kind);
    }

    public invoke(token: string): Promise<Properties> {
        throw new Error(`the stand-in for kubernetes has no ${token}`);
    }
}

/** Phases that end the wait for a new object. Other kinds need no wait. */
const readyPhases: Readonly<Record<string, readonly string[]>> = {
    PersistentVolume: ["Available", "Bound"],
    // Set by the annotation pulumi.com/waitFor.
    PersistentVolumeClaim: ["Bound"],
};

/** Inputs whose change replaces the object, from pulumi-kubernetes, provider/pkg/provider/diff.go. */
const replaceOn: Readonly<Record<string, readonly string[]>> = {
    PersistentVolume: ["spec.csi"],
    PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    StorageClass: ["parameters", "provisioner"],
};

type ObjectName = V1ObjectMeta & { name: string; namespace: string };

class ObjectType implements ResourceType {
    /** The program sets the names, and two objects of one name can't exist. */
    public readonly deleteBeforeReplace = true;

    public constructor(
        private readonly api: KubernetesObjectApi,
        private readonly apiVersion: string,
        private readonly kind: string,
    ) {}

    public changes({ oldInputs, inputs }: DiffRequest): Change[] {
        const names = ["metadata.name", "metadata.namespace"];
        return inputChanges(oldInputs, inputs, [...names, ...(replaceOn[this.kind] ?? [])]);
    }

    public planned(inputs: Properties): Properties {
        return inputs;
    }

    public async create(inputs: Properties): Promise<ResourceState> {
        const made = await this.apply(inputs);
        const { name, namespace } = made.metadata ?? {};
        const id = namespace ? `${namespace}/${name}` : (name as string);
        const phases = readyPhases[this.kind];
        if (phases) {
            const ready = async () => {
                const { status } = asProperties(await this.find(id)) ?? {};
                return phases.includes((status as { phase?: string } | undefined)?.phase ?? "") || undefined;
            };
            await until(ready, `${this.kind} ${id} to be ${phases.join(" or ")}`, 300);
        }
        return { id, properties: await this.readExisting(id) };
    }

    public async read(id: string): Promise<ResourceState | undefined> {
        const properties = asProperties(await this.find(id));
        return properties && { id, properties };
    }

    public inputsOf({ apiVersion, kind, metadata, spec }: Properties, asked?: Properties): Properties {
        if (asked) {
            return asked;
        }
        const { name, namespace, labels, annotations } = metadata as Properties;
        return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec };
    }

    public async update(id: string, inputs: Properties): Promise<Properties> {
        await this.apply(inputs);
        return this.readExisting(id);
    }

    public async delete(id: string): Promise<void> {
        if (await this.find(id)) {
            const target = this.reference(id);
            await this.api.delete(target, undefined, undefined, undefined, undefined, "Foreground");
            await until(
                async () => ((await this.find(id)) ? undefined : true),
                `${this.kind} ${id} to be gone`,
                600,
            );
        }
    }

    private apply(inputs: Properties): Promise<KubernetesObject> {
        const wanted = { ...inputs, apiVersion: this.apiVersion, kind: this.kind } as KubernetesObject;
        return this.api.patch(
            wanted,
            undefined,
            undefined,
            "sandbox",
            undefined,
            PatchStrategy.ServerSideApply,
        );
    }

    private async readExisting(id: string): Promise<Properties> {
        const found = await this.read(id);
        if (!found) {
            throw new Error(`${this.kind} ${id} is gone`);
        }
        return found.properties;
    }

    private async find(id: string): Promise<KubernetesObject | undefined> {
        try {
            return await this.api.read(this.reference(id));
        } catch (error) {
            if ((error as { code?: number }).code === 404) {
                return undefined;
            }
            throw error;
        }
    }

    private reference(id: string) {
        const [name, namespace] = id.split("/").reverse() as [string, string?];
        return { apiVersion: this.apiVersion, kind: this.kind, metadata: { name, namespace } as ObjectName };
    }
}

function asProperties(found: KubernetesObject | undefined): Properties | undefined {
    return found && (JSON.parse(JSON.stringify(found)) as Properties);
}
