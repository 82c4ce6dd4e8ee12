import type { Check } from "./evaluate";

/** The sandbox's account. */
export const account = "123456789012";

/** A request to EC2: its action, and its parameters in their sent form, such as `Filter.1.Name`. */
export interface Ec2Request {
    readonly region: string;
    readonly action: string;
    readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the current tags of a resource. */
export type TagsOf = (id: string) => Promise<Readonly<Record<string, string>>>;

/**
 * Permissions needed for a request, by the Service Authorization Reference for the actions of the project's policy. Any
 * other action needs a permission for itself and all resources.
 *
 * The reference has no permissions for KMS: a request with a key needs all that the EBS User Guide lists in
 * "Requirements for Amazon EBS encryption".
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
        // By the managed policy AmazonEBSCSIDriverPolicyV2, which has both volumes (read on 2026-11-27).
        case "CopyVolumes": {
            const id = parameters["SourceVolumeId"] ?? "";
            const tags = given("TagSpecification.1.Tag");
            return [check(volume(id), await existing(id)), check(volume("*"), tags), ...tagged(volume("*"))];
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
        // "No permissions are required": STS API Reference, GetCallerIdentity (read on 2026-11-27).
        case "GetCallerIdentity":
            return [];
        default:
            return [check("*", {})];
    }
}

/** A request to Data Lifecycle Manager, by its API Reference. */
export interface LifecycleRequest {
    readonly region: string;
    readonly method: string;
    /** With the query. */
    readonly path: string;
    readonly body: string;
}

/**
 * Permissions needed for a request to Data Lifecycle Manager, by the Service Authorization Reference.
 *
 * @param tagsOf - Reads the tags of a policy by its id.
 */
export async function lifecycleChecks(
    { region, method, path, body }: LifecycleRequest,
    tagsOf: TagsOf,
): Promise<Check[]> {
    const [collection, name] = path
        .replace(/^\/|\?.*/g, "")
        .split("/")
        .map(decodeURIComponent);
    const { Tags: tags = {}, ExecutionRoleArn: role } = (body === "" ? {} : JSON.parse(body)) as {
        Tags?: Record<string, string>;
        ExecutionRoleArn?: string;
    };
    const id = name?.split("/").at(-1) ?? "*";
    const resource = `arn:aws:dlm:${region}:${account}:policy/${id}`;
    const check = (action: string, on: string, context: Check["context"]) => ({
        action,
        resource: on,
        context,
    });
    const given = prefixed("aws:RequestTag/", tags);
    const passed =
        role === undefined
            ? []
            : [check("iam:PassRole", role, { "iam:PassedToService": "dlm.amazonaws.com" })];
    if (name === undefined) {
        return method === "POST"
            ? [
                  check("dlm:CreateLifecyclePolicy", "*", given),
                  ...(Object.keys(tags).length === 0 ? [] : [check("dlm:TagResource", resource, given)]),
                  ...passed,
              ]
            : [check("dlm:GetLifecyclePolicies", "*", {})];
    }
    const verb = lifecycleVerbs[`${method} ${collection}`] ?? `${method} ${path}`;
    const existing = prefixed("aws:ResourceTag/", await tagsOf(id));
    return [check(`dlm:${verb}`, resource, { ...existing, ...given }), ...passed];
}

const lifecycleVerbs: Readonly<Record<string, string>> = {
    "GET policies": "GetLifecyclePolicy",
    "PATCH policies": "UpdateLifecyclePolicy",
    "DELETE policies": "DeleteLifecyclePolicy",
    "GET tags": "ListTagsForResource",
    "POST tags": "TagResource",
    "DELETE tags": "UntagResource",
};

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
