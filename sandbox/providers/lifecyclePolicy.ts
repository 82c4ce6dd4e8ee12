import { randomBytes } from "node:crypto";
import type { Made, Properties, ResourceType } from "./provider";

/**
 * aws:dlm/lifecyclePolicy:LifecyclePolicy. The sandbox's AWS has no Data Lifecycle Manager: policies are kept
 * as they were asked for, and nobody acts on them.
 */
export class LifecyclePolicy implements ResourceType {
    public readonly replaceOn = ["region"];
    public readonly computed = ["region"];
    public readonly deleteBeforeReplace = false;
    private readonly policies = new Map<string, Properties>();

    public planned(inputs: Properties): Properties {
        return inputs;
    }

    public create(inputs: Properties): Promise<Made> {
        const id = `policy-${randomBytes(8).toString("hex")}`;
        this.policies.set(id, inputs);
        return Promise.resolve({ id, properties: inputs });
    }

    public read(id: string): Promise<Properties | undefined> {
        return Promise.resolve(this.policies.get(id));
    }

    public inputsOf(properties: Properties): Properties {
        return properties;
    }

    public update(id: string, inputs: Properties): Promise<Properties> {
        this.policies.set(id, inputs);
        return Promise.resolve(inputs);
    }

    public delete(id: string): Promise<void> {
        this.policies.delete(id);
        return Promise.resolve();
    }
}
