import { markdownTable } from "../../program/markdownTable";
import { stringify } from "yaml";
import { actionsOf, grants, policyOf } from "../../permissions/iamRights";
import type { Feature, Grant } from "../../permissions/iamRights";
import { clusterRoleOf, kinds, rightsOf } from "../../permissions/rbacRights";

const features: Readonly<Record<Feature, string>> = {
    volumes: "every stack",
    snapshots: "`moves`, `volume.snapshotId`, `deletionPolicy: Snapshot`",
    backups: "`backup`",
    keys: "`volume.kmsKeyId`",
};

/** The text of docs/iam-policy.json. */
export function iamPolicy(): string {
    return `${JSON.stringify(policyOf(grants), undefined, 4)}\n`;
}

/** The text of docs/cluster-role.yaml. */
export function clusterRole(): string {
    return stringify(clusterRoleOf(kinds));
}

/** The text of docs/permissions.md, from the rights that tests hold the providers to. */
export function permissionsPage(): string {
    const rows = grants.flatMap((grant) =>
        Object.entries(grant.actions).map(([action, purpose]) => [
            `\`${action}\``,
            purpose,
            features[grant.feature],
            grant.commands.join(", "),
            on(grant),
            `\`${grant.sid}\``,
        ]),
    );
    const verbs = [...new Set(kinds.flatMap((kind) => Object.keys(kind.verbs)))];
    const kindRows = kinds.map((kind) => [
        `\`${kind.resource}\`${kind.names ? ` (${kind.names.join(", ")})` : ""}`,
        kind.apiGroup === "" ? "core" : kind.apiGroup,
        ...verbs.map((verb) => (verb in kind.verbs ? "yes" : "")),
    ]);
    const purposes = verbs.map((verb) => [`\`${verb}\``, kinds[0]?.verbs[verb] ?? ""]);
    const count = (feature: Feature) => actionsOf(grants.filter((one) => one.feature === feature));
    const base = count("volumes");
    const more = (feature: Feature) => count(feature).filter((action) => !base.includes(action)).length;
    const looking = actionsOf(grants.filter(({ commands }) => commands.includes("preview")));

    return `# Permissions

The least that a stack can do with, in AWS and in its cluster. Made by \`npm run docs\` from \`permissions/iamRights.ts\` and
\`permissions/rbacRights.ts\`; the same data are what the tests hold the providers to.

## AWS

${actionsOf(grants).length} actions: ${base.length} for every stack, ${more("snapshots")} more for snapshots, ${more("backups")} for backups, ${more("keys")} for a KMS key of your own. A role that only previews needs
the ${looking.length} that look. \`sts:GetCallerIdentity\`, which the provider calls too, needs no right.

${markdownTable(["action", "what for", "needed with", "commands", "on what", "statement"], rows)}

The whole policy is [iam-policy.json](iam-policy.json). Leave out the statements of what you don't use:
\`DeleteVolumes\` under \`deletionPolicy: Retain\`, after which nobody with the role can delete a disk; everything about
snapshots, backups and keys. Then put your names in:

\`\`\`sh
sed -e 's/REGION/eu-west-1/g' -e 's/ACCOUNT/123456789012/g' -e 's/CLUSTER/proyecto.k8s.local/g' \\
    -e 's/KEY/1234abcd-12ab-34cd-56ef-1234567890ab/g' docs/iam-policy.json > policy.json
aws iam create-policy --policy-name zonal-persistent-storage --policy-document file://policy.json
\`\`\`

- **Only what is the cluster's can be changed or deleted**: volumes, snapshots and backup policies with the tag \`KubernetesCluster=CLUSTER\`, which everything that the stack creates gets as it is created, and which nothing else can be given. For several clusters or regions, list the values.
- A volume whose tag \`KubernetesCluster\` somebody has changed isn't the cluster's any more: \`pulumi up\` can't put its tags back. Somebody with more rights has to.
- A snapshot of someone else's, in \`volume.snapshotId\` or a move, needs the tag too, or a statement of its own.
- Data Lifecycle Manager has no condition for tags that come with a new policy: a role that may create tagged ones (\`TagBackupPolicies\`) could tag another one of the account, and then delete it. Leave that statement out where there are no backups.
- A refresh, \`pulumi up --refresh\` and drift detection need the rights of a preview, and \`dlm:GetLifecyclePolicy\` with backups.
- \`npm run doctor\` needs \`ec2:DescribeVolumes\`; \`npm run recover\` needs what \`pulumi up\` needs; with \`ec2:DescribeVolumesModifications\` it also tells volumes that EC2 is still modifying from those that aren't as they are asked for.
- A key without the rights that \`UseKey\` and \`GrantKey\` list isn't refused when a volume is created: EC2 asks KMS [afterwards](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html), and the volume vanishes. \`pulumi up\` then ends with "couldn't find resource" and says so; with the rights in place, \`pulumi up --refresh\` makes the volume.
- **The role of the backups** (\`backup.roleArn\`) is Data Lifecycle Manager's, not the stack's. AWS' policy \`AWSDataLifecycleManagerServiceRole\` is all that it needs for volumes that aren't encrypted, or with the account's default key; for a key of one's own it also needs \`kms:CreateGrant\`, \`kms:Decrypt\`, \`kms:DescribeKey\`, \`kms:GenerateDataKeyWithoutPlaintext\` and \`kms:ReEncrypt*\` on that key, and for copies the same on the key of the other region ([its prerequisites](https://docs.aws.amazon.com/ebs/latest/userguide/dlm-access-control.html)). Made in the console its ARN is \`role/service-role/AWSDataLifecycleManagerDefaultRole\`, made with \`aws dlm create-default-role\` it has no \`service-role/\`.
- **Default tags of the provider** (\`aws:defaultTags\`) that change are changed on volumes, snapshots of moves and backup policies: that is what \`ChangeSnapshotTags\` and the tags' actions of \`ChangeBackupPolicies\` are for. Of EC2's 50 tags a resource the component needs up to 10, and 40 are for \`volume.tags\`, an override's and the default ones together. The provider's \`aws:ignoreTags\` must leave out the tags that the component sets: the EBS CSI driver's policies, backups and the stack itself go by them. \`pulumi up\` names those that it hides, and every preview shows an update of their volumes until it doesn't.

An action that is missing is an error that names it (\`is not authorized to perform: ec2:CreateVolume\`).

**How it is tested.** \`tests/sandbox/permissions.spec.ts\` and \`tests/engine/permissions.spec.ts\` take a disk through its life, created, grown, tagged, moved, backed up, deleted with a last snapshot, under this policy, and then once without each action of each statement, which has to fail with that action's name; volumes of nobody and of another cluster have to stay as they are. The sandbox's EC2 knows no conditions, so \`sandbox/iam/\` holds each request to the policy before EC2 hears of it: actions, resources and the operators \`StringEquals\` and \`Bool\`, with the resources and condition keys that the [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html) has for them. Its AWS has no KMS: whoever names a key has to have all the rights that [EBS asks for](https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html). None of it was run against AWS itself.

## Another account

\`aws:allowedAccountIds\` in a stack's config refuses the credentials of any other account, before anything is read or created:

\`\`\`yaml
config:
    aws:allowedAccountIds: ["123456789012"]
\`\`\`

It is a setting of the AWS provider ("AWS account ID not allowed"); \`Pulumi.staging.yaml\` and \`Pulumi.prod.yaml\` have it. A program that has providers of its own gives it to them: \`new aws.Provider("shop", { allowedAccountIds: ["123456789012"] })\`.

## The cluster

${rightsOf(kinds).length} rights to ${kinds.length} kinds, [cluster-role.yaml](cluster-role.yaml):

${markdownTable(["kind", "API group", ...verbs], kindRows)}

${markdownTable(["verb", "what for"], purposes)}

\`namespaces\`: ${kinds.at(-1)?.verbs["get"]}. Without \`claims.create\`, \`persistentvolumeclaims\` aren't needed. A user who only previews needs \`get\`: the provider asks the API server for a dry run, and does without if it mayn't.

\`\`\`sh
kubectl apply --filename docs/cluster-role.yaml
kubectl create clusterrolebinding zonal-persistent-storage \\
    --clusterrole zonal-persistent-storage --group storage-deployers
\`\`\`

A missing verb is an error that names it (\`cannot create resource "persistentvolumes"\`), but for one: without \`watch\` the provider deletes and then waits for ever. What the user of the current context lacks:

\`\`\`sh
${checks()}
\`\`\`

Where claims are created in one namespace only, a Role there can have their verbs. \`npm run doctor\` also lists pods, claims of all namespaces and nodes: run it as someone who may.

**How it is tested.** \`tests/engine/permissions.spec.ts\` has Pulumi's own provider do all of the above as a user with this role, on an API server that goes by RBAC, and compares its requests with the role: none is refused, no right is left over. \`tests/sandbox/clusterRole.spec.ts\` takes each right away.
`;
}

/** Asks for each right by itself; prints those that are missing with a "no". */
function checks(): string {
    return kinds
        .map(({ apiGroup, resource, names, verbs }) => {
            const kind = apiGroup === "" ? resource : `${resource}.${apiGroup}`;
            const what = names ? `${resource}/${names[0]}` : kind;
            return `for verb in ${Object.keys(verbs).join(" ")}; do echo "$verb ${resource}: $(kubectl auth can-i $verb ${what} 2>/dev/null)"; done`;
        })
        .join("\n");
}

function on({ resources, condition = {} }: Grant): string {
    const conditions = Object.values(condition)
        .flatMap((keys) => Object.entries(keys))
        .map(([key, value]) => `\`${key}\` ${value}`);
    return [resources.map((one) => `\`${one}\``).join(", "), ...conditions].join("; ");
}
