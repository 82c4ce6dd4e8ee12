import { markdownTable } from "../../program/markdownTable";
import { stringify } from "yaml";
import { actionsOf, doctorActions, grants, policyOf } from "../../permissions/iamRights";
import type { Feature, Grant } from "../../permissions/iamRights";
import { nodeKinds } from "../../permissions/nodeRights";
import { adoptKinds, clusterRoleOf, kinds, rightsOf } from "../../permissions/rbacRights";
import type { KindRights } from "../../permissions/rbacRights";
import { workloadKinds } from "../../tools/workloads/rights";

const features: Readonly<Record<Feature, string>> = {
    volumes: "every stack",
    copies: "`volume.copyOf`, `sourceVolumeId`",
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

The smallest rights that a stack needs in AWS and in its cluster. \`npm run docs\` makes this page from \`permissions/iamRights.ts\` and
\`permissions/rbacRights.ts\`; tests run the providers with the same rights and no others.

## AWS

${actionsOf(grants).length} actions: ${base.length} for every stack, ${more("copies")} more for copies of volumes, ${more("snapshots")} for snapshots, ${more("backups")} for backups, ${more("keys")} for a KMS key of your own. A role for previews only needs
the ${looking.length} of the command preview. \`sts:GetCallerIdentity\`, which the provider calls too, needs no right.

${markdownTable(["action", "what for", "needed with", "commands", "on what", "statement"], rows)}

The whole policy is [iam-policy.json](iam-policy.json). Leave out the statements that you don't use: those about
copies, snapshots, backups and keys, and \`DeleteVolumes\` under \`deletionPolicy: Retain\`. Without it, the role can't delete a
disk. Then put your names in:

\`\`\`sh
sed -e 's/REGION/eu-west-1/g' -e 's/ACCOUNT/123456789012/g' -e 's/CLUSTER/proyecto.k8s.local/g' \\
    -e 's/KEY/1234abcd-12ab-34cd-56ef-1234567890ab/g' docs/iam-policy.json > policy.json
aws iam create-policy --policy-name zonal-persistent-storage --policy-document file://policy.json
\`\`\`

- **Only the cluster's own resources can be changed or deleted**: volumes, snapshots and backup policies with the tag \`KubernetesCluster=CLUSTER\`. The stack sets it when it creates them, and can't set it on anything else. For several clusters or regions, list the values.
- If somebody has changed the tag \`KubernetesCluster\` of a volume, \`pulumi up\` can't restore its tags. Somebody with more rights must do it.
- If \`volume.copyOf\` or \`sourceVolumeId\` names a volume of another cluster, add that cluster to the condition of \`CopyVolumes\`.
- If \`volume.snapshotId\` or a move names a snapshot that the stack hasn't created, the snapshot needs the tag, too, or its own statement. For \`volume.from\` of another cluster, the condition of \`CreateVolumesFromSnapshots\` must have that cluster's name as well.
- \`volume.from.region\` needs \`ec2:CopySnapshot\` on the snapshots of both regions, and \`ec2:CreateTags\` with \`ec2:CreateAction\` CopySnapshot. They aren't in the policy: with them a role can make any snapshot that it may copy one of its cluster's. Give them as long as the first \`pulumi up\` needs them, for source snapshots [with the tags of the other cluster](https://aws.amazon.com/blogs/storage/enhancing-resource-level-permissions-for-copying-amazon-ebs-snapshots/) (read on 2026-11-27).
- Data Lifecycle Manager has no condition for the tags of a new policy. A role that can create policies with tags (\`TagBackupPolicies\`) could also tag another policy of the account, and then delete it. Leave that statement out if there are no backups.
- A refresh, \`pulumi up --refresh\` and drift detection need the rights of a preview, and \`dlm:GetLifecyclePolicy\` with backups.
- \`npx zonal-persistent-storage doctor\` needs the [rights below](#the-doctor); \`npx zonal-persistent-storage recover\` needs the rights of \`pulumi up\`. With \`ec2:DescribeVolumesModifications\` it can tell a volume that EC2 is still modifying from a volume that differs from the settings.
- \`npx zonal-persistent-storage adopt\` needs the rights of \`pulumi up\`, for volumes that have the tag \`KubernetesCluster=CLUSTER\` already. To volumes without it, give the tag first, as somebody with more rights: \`aws ec2 create-tags\`.
- \`npx zonal-persistent-storage adopt --released\` changes the tags of volumes that are another cluster's: the condition of \`ChangeVolumes\` must have the names of both clusters while a second cluster takes disks over. \`release\` needs no rights in AWS beside those to the state.
- Without the rights in \`UseKey\` and \`GrantKey\`, EC2 still accepts the creation of a volume. It asks KMS [later](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html), and then removes the volume. \`pulumi up\` fails with "couldn't find resource" and names the reason. Add the rights, then run \`pulumi refresh\` and \`pulumi up\`.
- **The role of the backups** (\`backup.roleArn\`) is for Data Lifecycle Manager, not for the stack. For volumes without encryption or with the account's default key, AWS' policy \`AWSDataLifecycleManagerServiceRole\` is enough, although it has [no right to KMS](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDataLifecycleManagerServiceRole.html) (version 8). For volumes with a key of your own, the role also needs \`kms:CreateGrant\`, \`kms:Decrypt\`, \`kms:DescribeKey\`, \`kms:GenerateDataKeyWithoutPlaintext\` and \`kms:ReEncrypt*\` on that key. Copies are always encrypted: with a key of your own in the other region (\`copies[].kmsKeyId\`), it needs the same rights on that key, and for copies of encrypted volumes on both keys ([its prerequisites](https://docs.aws.amazon.com/ebs/latest/userguide/dlm-prerequisites.html)). The role's ARN has one of two forms ([its roles](https://docs.aws.amazon.com/ebs/latest/userguide/service-role.html)): \`role/AWSDataLifecycleManagerDefaultRole\` if \`aws dlm create-default-role\` has created it, and \`role/service-role/AWSDataLifecycleManagerDefaultRole\` if the console has. \`PassBackupRole\` allows both; \`backup.roleArn\` must be the one that exists: \`aws iam get-role --role-name AWSDataLifecycleManagerDefaultRole\` prints it. All read on 2026-11-27.
- **Default tags of the provider** (\`aws:defaultTags\`): if they change, they change on volumes, snapshots of moves and backup policies. \`ChangeSnapshotTags\` and the tag actions of \`ChangeBackupPolicies\` are for this. EC2 allows 50 tags for a resource: the component needs up to 10, and 40 are for \`volume.tags\`, an override's tags and the default tags together. The provider's \`aws:ignoreTags\` must not name tags that the component sets: the EBS CSI driver's policies, backups and the stack itself need them. \`pulumi up\` warns about such tags, and every preview shows an update of their volumes until you correct \`aws:ignoreTags\`.

If an action is missing, the error names it (\`is not authorized to perform: ec2:CreateVolume\`).

**How it is tested.** \`tests/sandbox/permissions.spec.ts\` and \`tests/engine/permissions.spec.ts\` create, grow, tag, move and back up a disk under this policy, and delete it with a last snapshot. They do it again without each action of each statement, and it must fail with the name of that action. Volumes of another cluster, and those without a cluster, must stay as they are. The sandbox's EC2 knows no conditions, so \`sandbox/iam/\` checks each request against the policy before EC2 gets it: actions, resources and the operators \`StringEquals\` and \`Bool\`, with the resources and condition keys that the [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html) has for them. The sandbox has no KMS: a request with a key must have all the rights that [EBS needs](https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html). None of this was run on AWS itself.

## The doctor

\`npx zonal-persistent-storage doctor\` only looks. Without one of these rights it goes on, and says what it couldn't look at:

${markdownTable(
    ["action", "without it, it can't tell"],
    Object.entries(doctorActions).map(([action, purpose]) => [`\`${action}\``, purpose]),
)}

\`ec2:DescribeSnapshots\` is also asked for in the regions of \`backup.copies\`. \`map\` and \`drill\` need the first three. The commands that it prints need rights of their own: \`ec2:RestoreVolumeFromRecycleBin\`, \`ec2:RestoreSnapshotFromRecycleBin\`, \`ec2:CreateSnapshot\`, \`ec2:CopySnapshot\`, \`ec2:CreateTags\`, \`dlm:UpdateLifecyclePolicy\`. \`tests/sandbox/doctorBackups.spec.ts\` runs it with these rights, and without each of them.

## Another account

\`aws:allowedAccountIds\` in a stack's config refuses the credentials of any other account, before anything is read or created:

\`\`\`yaml
config:
    aws:allowedAccountIds: ["123456789012"]
\`\`\`

It is a setting of the AWS provider ("AWS account ID not allowed"); \`Pulumi.staging.yaml\` and \`Pulumi.prod.yaml\` have it. In a program with its own providers, set it there: \`new aws.Provider("shop", { allowedAccountIds: ["123456789012"] })\`.

## The cluster

${rightsOf(kinds).length} rights to ${kinds.length} kinds, [cluster-role.yaml](cluster-role.yaml):

${markdownTable(["kind", "API group", ...verbs], kindRows)}

${markdownTable(["verb", "what for"], purposes)}

\`namespaces\`: ${kinds.at(-1)?.verbs["get"]}. Without \`claims.create\`, \`persistentvolumeclaims\` aren't needed. A user for previews only needs \`get\`: the provider asks the API server for a dry run, and continues without one if that is forbidden.

\`\`\`sh
kubectl apply --filename docs/cluster-role.yaml
kubectl create clusterrolebinding zonal-persistent-storage \\
    --clusterrole zonal-persistent-storage --group storage-deployers
\`\`\`

If a verb is missing, the error names it (\`cannot create resource "persistentvolumes"\`), with one exception: without \`watch\` the provider deletes and then waits forever. These commands show which rights the user of the current context doesn't have:

\`\`\`sh
${checks()}
\`\`\`

If claims are created in one namespace only, a Role in that namespace is enough for them. \`npx zonal-persistent-storage doctor\` also lists pods, claims of all namespaces, nodes, \`csinodes\` and \`volumeattachments\`: run it as a user with these rights.

\`npx zonal-persistent-storage adopt\` gets and patches PersistentVolumes (with \`--released\`, those that the cluster has already), and lists them, the StorageClasses and these in all namespaces. \`release\` lists PersistentVolumes with \`--hand-over\`, and patches them with \`--former-policy\`:

${purposesOf(adoptKinds)}

The commands that move disks ([evacuate, move, rebalance, restore](evacuate.md)) need the rights of \`pulumi up\` with snapshots, \`list\` on pods, claims and nodes as the doctor, \`get\`, \`create\` and \`delete\` on claims, and these. Those to kinds that your cluster doesn't have aren't needed, nor those to pods' owners that your disks don't have:

${purposesOf([...nodeKinds, ...workloadKinds])}

**How it is tested.** \`tests/engine/permissions.spec.ts\` runs all of the above with Pulumi's own provider, as a user with this role, on an API server with RBAC. It compares the requests with the role: none is refused, and no right is unused. \`tests/sandbox/clusterRole.spec.ts\` removes each right in turn.
`;
}

/** A table of rights with the purpose of each. */
function purposesOf(rights: readonly KindRights[]): string {
    const rows = rights.flatMap(({ resource, apiGroup, verbs }) =>
        Object.entries(verbs).map(([verb, purpose]) => [
            `\`${resource}\``,
            apiGroup === "" ? "core" : apiGroup,
            `\`${verb}\``,
            purpose,
        ]),
    );
    return markdownTable(["kind", "API group", "verb", "what for"], rows);
}

/** Commands that check each right. The answer "no" marks a missing one. */
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
