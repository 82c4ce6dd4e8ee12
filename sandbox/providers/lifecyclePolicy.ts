import { LifecycleManager } from "../ec2/lifecycle";
import type { AwsLifecyclePolicy } from "../ec2/lifecycle";
import { AwsResource } from "./awsResource";
import { isMap } from "./diff";
import { PartialFailure } from "./provider";
import type { ResourceState, Properties, ResourceType } from "./provider";
import { tagList, changedTags } from "./tags";
import type { Schema } from "./terraform";

/** Attributes of aws_dlm_lifecycle_policy that the component uses. */
const schema: Schema = {
    description: {},
    executionRoleArn: {},
    policyDetails: {},
    region: { computed: true, forceNew: true },
    state: { default: "ENABLED" },
    tags: {},
    tagsAll: {},
};

/** Computed: AWS sets them, and the component doesn't. */
const serverDefaults = ["PolicyType", "PolicyLanguage", "ResourceLocations", "Location"];

/** Tags that are lists in AWS' API and maps in the provider's. */
const tagLists = ["TargetTags", "TagsToAdd"];

/**
 * aws:dlm/lifecyclePolicy:LifecyclePolicy, by the rules of terraform-provider-aws,
 * internal/service/dlm/lifecycle_policy.go (5f2286d, read on 2026-11-27). Details are compared as a whole; copy_tags, which
 * would replace the policy, is always true in the component.
 */
export class LifecyclePolicy extends AwsResource implements ResourceType {
    protected readonly schema = schema;

    public async create(inputs: Properties): Promise<ResourceState> {
        const properties = this.planned(inputs);
        const manager = this.manager(inputs);
        const request = { ...requestOf(properties), Tags: properties["tagsAll"] };
        const id = await withErrorPrefix("creating DLM Lifecycle Policy", manager.create(request));
        return (await this.read(id, properties)) ?? { id, properties };
    }

    public async read(importId: string, old: Properties = {}): Promise<ResourceState | undefined> {
        const [id = "", region = old["region"] ?? this.providerRegion] = importId.split("@");
        const reading = `reading DLM Lifecycle Policy (${id})`;
        const policy = await withErrorPrefix(reading, this.manager({ region }).get(id));
        return policy && { id, properties: { region, ...this.outputs(policy, old["tags"]) } };
    }

    public inputsOf({ arn, tagsAll, region, ...settings }: Properties, asked?: Properties): Properties {
        return asked
            ? Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, settings[key] ?? value]))
            : settings;
    }

    public async update(id: string, inputs: Properties, state: Properties): Promise<Properties> {
        const planned = this.planned(inputs, state);
        const manager = this.manager(state);
        const changed = this.changes({ inputs, state, oldInputs: {} }).map(({ path }) => path);
        try {
            await updateTags(manager, String(state["arn"]), state["tagsAll"], planned["tagsAll"]);
            const request = requestOf(planned, changed);
            if (Object.keys(request).length > 0) {
                await withErrorPrefix(`updating DLM Lifecycle Policy (${id})`, manager.update(id, request));
            }
        } catch (error) {
            // The SDK writes the plan into the state, even though the update has failed.
            throw new PartialFailure((error as Error).message, { id, properties: planned });
        }
        return (await this.read(id, planned))?.properties ?? planned;
    }

    public async delete(id: string, state: Properties): Promise<void> {
        await withErrorPrefix(`deleting DLM Lifecycle Policy (${id})`, this.manager(state).delete(id));
    }

    private outputs(policy: AwsLifecyclePolicy, asked: unknown): Properties {
        return {
            arn: policy.PolicyArn,
            description: policy.Description,
            executionRoleArn: policy.ExecutionRoleArn,
            state: policy.State,
            policyDetails: fromAws(policy.PolicyDetails),
            ...this.tags.visibleTags(tagList(policy.Tags), asked),
        };
    }

    protected override normalized(inputs: Properties): Properties {
        const policyDetails = fromAws(toAws(inputs["policyDetails"]));
        return { ...super.normalized(inputs), policyDetails };
    }

    private manager(properties: Properties): LifecycleManager {
        return new LifecycleManager(this.ec2(properties));
    }
}

/** AWS' settings of a policy: all of them, or the changed ones. */
function requestOf(properties: Properties, changed?: readonly string[]): Properties {
    const names = ["description", "executionRoleArn", "state", "policyDetails"].filter(
        (name) => changed?.some((path) => path.split(/[.[]/)[0] === name) ?? true,
    );
    return Object.fromEntries(
        names.map((name) => [
            capitalized(name),
            name === "policyDetails" ? toAws(properties[name]) : properties[name],
        ]),
    );
}

async function updateTags(
    manager: LifecycleManager,
    arn: string,
    before: unknown,
    after: unknown,
): Promise<void> {
    const { gone, changed } = changedTags(before, after);
    if (gone.length > 0) {
        await manager.untag(arn, gone);
    }
    if (Object.keys(changed).length > 0) {
        await manager.tag(arn, changed);
    }
}

/** Capitalized names, tags and times as lists. */
function toAws(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(toAws);
    }
    if (!isMap(value)) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).map(([key, each]) => {
            const name = capitalized(key);
            // In a preview tags may be unknown.
            if (tagLists.includes(name) && isMap(each)) {
                return [name, tagList(each as Record<string, string>)];
            }
            return [name, name === "Times" ? [each] : toAws(each)];
        }),
    );
}

/** The reverse, sorted by name and without AWS' defaults. */
function fromAws(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(fromAws);
    }
    if (!isMap(value)) {
        return value;
    }
    const entries = Object.entries(value).filter(
        ([name, each]) => !serverDefaults.includes(name) && each !== undefined && !isEmpty(each),
    );
    return Object.fromEntries(
        entries
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([name, each]) => {
                const key = name.charAt(0).toLowerCase() + name.slice(1);
                if (tagLists.includes(name) && Array.isArray(each)) {
                    const tags = each as { Key: string; Value: string }[];
                    return [key, Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]).sort())];
                }
                return [key, name === "Times" ? (each as unknown[])[0] : fromAws(each)];
            }),
    );
}

function isEmpty(value: unknown): boolean {
    return Array.isArray(value) && value.length === 0;
}

function capitalized(name: string): string {
    return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Prefixes an error with the failed operation. */
async function withErrorPrefix<T>(what: string, doing: Promise<T>): Promise<T> {
    try {
        return await doing;
    } catch (error) {
        throw new Error(`${what}: ${(error as Error).message}`);
    }
}
