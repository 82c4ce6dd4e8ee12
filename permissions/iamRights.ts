/**
 * What the AWS credentials of a stack have to be allowed, and nothing else: docs/permissions.md and
 * docs/iam-policy.json are made from it, and tests hold the providers to it.
 *
 * Which calls the AWS provider makes: terraform-provider-aws, internal/service/ec2/ebs_volume.go, ebs_snapshot.go and
 * internal/service/dlm/lifecycle_policy.go. It also calls sts:GetCallerIdentity, which nobody needs a right to.
 * Which resources and conditions an action knows: the Service Authorization Reference of EC2 and of Data Lifecycle
 * Manager, read on 2026-11-21.
 */

/** What has to be used for rights to be needed. */
export type Feature = "volumes" | "snapshots" | "backups" | "keys";

/** Commands that need a right. */
export type Command = "preview" | "up" | "destroy";

/** A statement of the policy. */
export interface Grant {
    /** Its name in the policy. */
    readonly sid: string;
    readonly feature: Feature;
    readonly commands: readonly Command[];
    /** Actions, each with what it is for. */
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

/** What is the cluster's already, and what becomes it. */
const isOurs = { StringEquals: { "aws:ResourceTag/KubernetesCluster": "CLUSTER" } };
const becomesOurs = { StringEquals: { "aws:RequestTag/KubernetesCluster": "CLUSTER" } };
const createdBy = (action: string) => ({ StringEquals: { "ec2:CreateAction": action } });

/** The key may be used through EBS in that region and not otherwise. */
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
        // EC2 knows no resources for Describe actions.
        resources: ["*"],
    },
    {
        sid: "LookAtVolumes",
        feature: "volumes",
        commands: all,
        actions: { "ec2:DescribeVolumes": "volumes as they are, and whether a change of them is done" },
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
            "ec2:DeleteTags": "tags that go",
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
        actions: { "ec2:CreateSnapshot": "of which volume: moves from NewSnapshot, deletionPolicy Snapshot" },
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
            "ec2:CreateTags": "where the provider's defaultTags change",
            "ec2:DeleteTags": "the same, tags that go",
        },
        resources: snapshots,
        condition: isOurs,
    },
    {
        sid: "CreateVolumesFromSnapshots",
        feature: "snapshots",
        commands: ["up"],
        actions: { "ec2:CreateVolume": "from which snapshot: moves, volume.snapshotId" },
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
            "dlm:GetLifecyclePolicy": "the policy as it is",
            "dlm:UpdateLifecyclePolicy": "another schedule",
            "dlm:DeleteLifecyclePolicy": "a storage without backup any more",
            "dlm:TagResource": "where the provider's defaultTags change: only what has changed is sent",
            "dlm:UntagResource": "the same, tags that go",
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
            // Roles that the console makes have this path.
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
            "kms:Decrypt": "the same of a volume or snapshot that exists",
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

/** What the policy's placeholders stand for. */
export interface Names {
    readonly REGION: string;
    readonly ACCOUNT: string;
    readonly CLUSTER: string;
    readonly KEY: string;
}

/** A policy as IAM takes it. */
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

/** The policy that grants make; with names, for one cluster, and without, for anyone to fill in. */
export function policyOf(chosen: readonly Grant[], names?: Names): PolicyDocument {
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
