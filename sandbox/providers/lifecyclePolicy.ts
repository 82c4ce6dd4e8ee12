import { randomBytes } from "node:crypto";
import { lifecycleChecks } from "../iam/checks";
import type { LifecycleAction } from "../iam/checks";
import type { Check } from "../iam/evaluate";
import { inputChanges } from "./diff";
import type { Change, DiffRequest, Made, Properties, ResourceType } from "./provider";

/** ForceNew in terraform-provider-aws, internal/service/dlm/lifecycle_policy.go; schedules are compared whole. */
const replaceOn = ["region"];

/**
 * aws:dlm/lifecyclePolicy:LifecyclePolicy. The sandbox's AWS has no Data Lifecycle Manager: policies are kept
 * as they were asked for, and nobody acts on them.
 */
export class LifecyclePolicy implements ResourceType {
    public readonly deleteBeforeReplace = false;
    private readonly policies = new Map<string, Properties>();

    /** @param permit - Told what is asked of AWS; it may throw. */
    public constructor(
        private readonly region: string,
        private readonly permit: (checks: readonly Check[]) => void,
    ) {}

    public changes({ oldInputs, inputs }: DiffRequest): Change[] {
        const { region = oldInputs["region"] } = inputs;
        return inputChanges(oldInputs, { ...inputs, ...(region !== undefined && { region }) }, replaceOn);
    }

    public planned(inputs: Properties): Properties {
        return inputs;
    }

    public create(inputs: Properties): Promise<Made> {
        const id = `policy-${randomBytes(8).toString("hex")}`;
        this.ask("Create", id, inputs);
        this.policies.set(id, inputs);
        this.ask("Get", id);
        return Promise.resolve({ id, properties: inputs });
    }

    public read(id: string): Promise<Made | undefined> {
        this.ask("Get", id);
        const properties = this.policies.get(id);
        return Promise.resolve(properties && { id, properties });
    }

    public inputsOf(properties: Properties): Properties {
        return properties;
    }

    public update(id: string, inputs: Properties): Promise<Properties> {
        const [had, wanted] = [this.policies.get(id)?.["tags"], inputs["tags"]].map((tags) =>
            Object.entries((tags ?? {}) as Record<string, string>),
        ) as [[string, string][], [string, string][]];
        const names = new Map(wanted);
        if (had.some(([key]) => !names.has(key))) {
            this.ask("Untag", id);
        }
        if (wanted.some(([key, value]) => new Map(had).get(key) !== value)) {
            this.ask("Tag", id);
        }
        this.ask("Update", id);
        this.policies.set(id, inputs);
        this.ask("Get", id);
        return Promise.resolve(inputs);
    }

    public delete(id: string): Promise<void> {
        this.ask("Delete", id);
        this.policies.delete(id);
        return Promise.resolve();
    }

    private ask(action: LifecycleAction, id: string, inputs?: Properties): void {
        const {
            tags = {},
            executionRoleArn: roleArn = "",
            region = this.region,
        } = (inputs ?? this.policies.get(id) ?? {}) as {
            tags?: Record<string, string>;
            executionRoleArn?: string;
            region?: string;
        };
        this.permit(lifecycleChecks(action, { id, region, roleArn }, tags));
    }
}
