import type { Check } from "./evaluate";

/** The sandbox's account. */
export const account = "123456789012";

/** A request to EC2: its action, and its parameters as they are sent, such as `Filter.1.Name`. */
export interface Ec2Request {
    readonly region: string;
    readonly action: string;
    readonly parameters: Readonly<Record<string, string>>;
}

/** Tags of a volume or a snapshot, as they are. */
export type TagsOf = (id: string) => Promise<Readonly<Record<string, string>>>;

/**
 * What has to be allowed for a request, as the Service Authorization Reference has it for the actions of the
 * project's policy; any other action needs a right to itself, for everything.
 *
 * What EC2 asks KMS for is not in that reference: whoever names a key needs all the rights that the EBS User Guide
 * lists in "Requirements for Amazon EBS encryption".
 */
export async function checksFor(request: Ec2Request, tagsOf: TagsOf): Promise<Check[]> {
    const { region, action, parameters } = request;
    const check = (resource: string, context: Check["context"], name = action) => ({
        action: `ec2:${name}`,
        resource,
        context,
    });
    const volume = (id: string) => `arn:aws:ec2:${region}:${account}:volume/${id}`;
    const snapshot = (id: string) => `arn:aws:ec2:${region}::snapshot/${id}`;
    const arn = (id: string) => (id.startsWith("snap-") ? snapshot(id) : volume(id));
    const existing = async (id: string) => prefixed("aws:ResourceTag/", await tagsOf(id));
    const given = (path: string) => prefixed("aws:RequestTag/", tagsIn(parameters, path));
    const tagged = (resource: string) => {
        const tags = given("TagSpecification.1.Tag");
        return Object.keys(tags).length === 0
            ? []
            : [check(resource, { ...tags, "ec2:CreateAction": action }, "CreateTags")];
    };

    switch (action) {
        case "CreateVolume": {
            const { SnapshotId, KmsKeyId } = parameters;
            const tags = given("TagSpecification.1.Tag");
            return [
                check(volume("*"), tags),
                ...(SnapshotId === undefined
                    ? []
                    : [check(snapshot(SnapshotId), { ...tags, ...(await existing(SnapshotId)) })]),
                ...tagged(volume("*")),
                ...(KmsKeyId === undefined ? [] : keyChecks(KmsKeyId, region)),
            ];
        }
        case "CreateSnapshot": {
            const id = parameters["VolumeId"] ?? "";
            const tags = given("TagSpecification.1.Tag");
            return [
                check(volume(id), { ...tags, ...(await existing(id)) }),
                check(snapshot("*"), tags),
                ...tagged(snapshot("*")),
            ];
        }
        case "ModifyVolume":
        case "DeleteVolume": {
            const id = parameters["VolumeId"] ?? "";
            return [check(volume(id), await existing(id))];
        }
        case "DeleteSnapshot": {
            const id = parameters["SnapshotId"] ?? "";
            return [check(snapshot(id), await existing(id))];
        }
        case "CreateTags":
        case "DeleteTags": {
            const ids = Object.entries(parameters).flatMap(([key, id]) =>
                /^ResourceId\.\d+$/.test(key) ? [id] : [],
            );
            return Promise.all(
                ids.map(async (id) => check(arn(id), { ...given("Tag"), ...(await existing(id)) })),
            );
        }
        // "No permissions are required": STS API Reference, GetCallerIdentity (read on 2026-11-24).
        case "GetCallerIdentity":
            return [];
        default:
            return [check("*", {})];
    }
}

/** Calls of Data Lifecycle Manager: of a policy, or of its tags. */
export type LifecycleAction = "Create" | "Get" | "Update" | "Delete" | "Tag" | "Untag";

/** What has to be allowed for a call of Data Lifecycle Manager's. */
export function lifecycleChecks(
    action: LifecycleAction,
    policy: { readonly id: string; readonly region: string; readonly roleArn: string },
    tags: Readonly<Record<string, string>>,
): Check[] {
    const resource = `arn:aws:dlm:${policy.region}:${account}:policy/${policy.id}`;
    const check = (name: string, on: string, context: Check["context"]) => ({
        action: `dlm:${name}`,
        resource: on,
        context,
    });
    const existing = prefixed("aws:ResourceTag/", tags);
    const given = prefixed("aws:RequestTag/", tags);
    if (action === "Tag" || action === "Untag") {
        return [check(`${action}Resource`, resource, { ...existing, ...(action === "Tag" && given) })];
    }
    if (action !== "Create") {
        return [check(`${action}LifecyclePolicy`, resource, existing)];
    }
    return [
        check("CreateLifecyclePolicy", "*", given),
        ...(Object.keys(tags).length === 0 ? [] : [check("TagResource", resource, given)]),
        {
            action: "iam:PassRole",
            resource: policy.roleArn,
            context: { "iam:PassedToService": "dlm.amazonaws.com" },
        },
    ];
}

function keyChecks(key: string, region: string): Check[] {
    const context = { "kms:ViaService": `ec2.${region}.amazonaws.com`, "kms:GrantIsForAWSResource": "true" };
    return ["DescribeKey", "GenerateDataKeyWithoutPlaintext", "Decrypt", "ReEncryptFrom", "CreateGrant"].map(
        (name) => ({ action: `kms:${name}`, resource: key, context }),
    );
}

function tagsIn(parameters: Ec2Request["parameters"], path: string): Record<string, string> {
    const keys = Object.entries(parameters).filter(
        ([name]) => name.startsWith(`${path}.`) && name.endsWith(".Key"),
    );
    return Object.fromEntries(
        keys.map(([name, key]) => [key, parameters[name.replace(/Key$/, "Value")] ?? ""]),
    );
}

function prefixed(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]));
}
