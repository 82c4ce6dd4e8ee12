import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { project } from "../support/cluster/sandbox";

const read = (...path: string[]) => readFileSync(join(project, ...path), "utf8");

const [state, permissions, clusterRole, environments, existing] = [
    "tests/engine/environments.spec.ts: have no secret in plain text",
    "tests/sandbox/permissions.spec.ts: denies changes of what isn't the cluster's",
    "tests/sandbox/clusterRole.spec.ts: allows everything that the provider does",
    "tests/engine/environments.spec.ts: change from the machine's kubeconfig to their own and back",
    "tests/sandbox/mistakes.spec.ts: a volume of another cluster",
];
const noDeletion = "tests/sandbox/permissions.spec.ts: needs no right to delete volumes";
const noOption = "tests/unit/hostileNames.spec.ts: are never options or file names";
const oneWord = "tests/unit/hostileNames.spec.ts: stay one word in the doctor's commands";
const noTags =
    "tests/unit/doctorForeignVolumes.spec.ts: reports a volume of another cluster, and proposes no tags";
const deployed = "tests/component/deployments.spec.ts: have complete settings";
const own = "tests/unit/security.spec.ts: ";

/** Each statement of SECURITY.md, and the tests that show it. */
const statements: readonly (readonly [string, ...string[]])[] = [
    [
        "see names, zones, sizes, volume ids, tags, and every setting that isn't a secret",
        "tests/unit/doctorVolumes.spec.ts: doctor: volumes",
        "tests/engine/doctor.spec.ts: tells it from one that an override names",
    ],
    ["see a kubeconfig or a key: they are encrypted", state],
    [
        "make the next `pulumi up` forget disks, or delete those that the state names",
        "tests/engine/volumes.spec.ts: are released in two steps",
        "tests/engine/volumes.spec.ts: are deleted or kept by their deletion policy",
    ],
    [
        "delete anything without the cluster's tag, or anything at all if the role has no `ec2:DeleteVolume`",
        permissions,
        noDeletion,
    ],
    [
        "remove `protect` and delete disks with the next `up`; read the kubeconfig",
        "tests/engine/volumes.spec.ts: are deleted or kept by their deletion policy",
        environments,
    ],
    ["run a shell command by a name or a tag; a pull request alone only makes a preview", oneWord, deployed],
    [
        "create, change, snapshot and delete the cluster's volumes",
        "tests/sandbox/permissions.spec.ts: allows everything in a disk's life",
    ],
    [
        "touch other clusters' volumes, make snapshots of them or give them its cluster's tag; attach a volume, read one, share a snapshot",
        permissions,
        `${own}include no attaching`,
    ],
    ["create, change and delete any PersistentVolume, claim and StorageClass", clusterRole],
    ["read secrets, start pods, change nodes", `${own}include only disks in the ClusterRole`],
    [
        "make a volume look like the cluster's, so that `npx zonal-persistent-storage doctor` and the role treat it as one",
        "tests/unit/doctorLeftVolumes.spec.ts: a volume that neither the state nor the cluster knows",
        "tests/sandbox/permissions.spec.ts: allows everything in a disk's life",
    ],
    [
        "get their own command or option into the doctor's output; make the doctor propose tags for another cluster's volume",
        oneWord,
        noOption,
        noTags,
    ],
    [
        "start a pod with a claim, and so use its disk; get a name into the doctor's output",
        "tests/sandbox/claims.spec.ts: are created by name and bound, and their pod runs in the volume's zone",
        oneWord,
    ],
    [
        "turn that name into a command or an option; make an override use a volume whose tags name another cluster",
        noOption,
        existing,
    ],
    ["run as the program", "tests/unit/supplyChain.spec.ts: are listed with version"],
    [
        "run when it is installed; come in under a hash that the lockfile doesn't have",
        "tests/unit/supplyChain.spec.ts: run no install scripts",
        "tests/unit/supplyChain.spec.ts: have hashes in the lockfile",
    ],
    [
        "has the IAM policy and the ClusterRole, with every right tested in the sandbox.",
        "tests/sandbox/permissions.spec.ts: has no unneeded right",
        "tests/sandbox/clusterRole.spec.ts: has no unneeded right",
    ],
    [
        "In the workflow for GitHub, previews of pull requests have a separate role.",
        `${own}previews with a role of its own`,
    ],
    ["The examples have no long-lived key:", "tests/unit/environments.spec.ts: have no long-lived key"],
    [
        "volumes are encrypted, protected and retained by default, PersistentVolumes always have the reclaim policy Retain.",
        "tests/component/zonalPersistentStorage.spec.ts: plans every volume in full",
        "tests/component/deletionPolicy.spec.ts: decide what happens to volumes",
        "tests/component/zonalPersistentStorage.spec.ts: gives each PersistentVolume its volume and that volume's zone",
    ],
    [
        "With `deletionPolicy: Retain` the role needs no right to delete volumes: leave it out in production.",
        noDeletion,
    ],
    [
        "`aws:allowedAccountIds`, a kubeconfig of the stack's own, `clusterIdentifier`.",
        "tests/engine/permissions.spec.ts: end at the accounts that the stack's config allows",
        environments,
        "tests/component/cluster.spec.ts: clusterIdentifier",
    ],
    [
        "A volume that an override names must be in this account and region, and must not have another cluster's tags. If it is attached to an instance of others, there is a warning.",
        existing,
        "tests/component/mistakes.spec.ts: must be a volume of this account and region",
        "tests/component/existingVolumes.spec.ts: when they are attached to",
    ],
    [
        "The doctor reports PersistentVolumes on a volume whose tags name another disk or cluster.",
        "tests/unit/doctorForeignVolumes.spec.ts: doctor: volumes of other clusters and disks",
    ],
    [
        "the kubeconfig, keys of the AWS provider and [settings that were set as secrets](docs/environments.md#secret-settings) are secrets in settings, state, outputs, previews and logs, up to `--verbose=8` (a test looks for planted ones). Don't keep logs of higher levels.",
        state,
    ],
    [
        "a config is either used completely or refused with a list of problems; each run of the tests includes a fuzzer.",
        "tests/unit/fuzz.spec.ts: is accepted or rejected with a list of problems",
    ],
    [
        "Tags and names from others are quoted in every command that the doctor and the acceptance check print. They are never an option there, and never a file that the AWS CLI reads.",
        "tests/unit/hostileNames.spec.ts: stay one word in the shell",
        oneWord,
        noOption,
        "tests/sandbox/hostileNames.spec.ts: scale no StatefulSet where a pod's owner is called --all",
        "tests/sandbox/hostileNames.spec.ts: tag a volume with a cluster's name as it is",
    ],
    [
        "Control characters are shown as text, also in the tools' messages about their options.",
        oneWord,
        "tests/unit/toolOptions.spec.ts: are rejected without control characters",
    ],
    ["In the map, a name can only be shown as text.", "tests/unit/mapPage.spec.ts: escape hostile names"],
    [
        "exact versions with hashes, no install scripts, a bill of materials (`npm run sbom`).",
        "tests/unit/supplyChain.spec.ts: have hashes in the lockfile",
        "tests/unit/supplyChain.spec.ts: run no install scripts",
        "tests/sandbox/sbom.spec.ts: has exactly the program's packages",
    ],
    [
        "A role that can create backup policies with tags can tag any policy of the account, because the condition checks only the new tag. It could tag somebody else's policy, and then delete it. Leave `TagBackupPolicies` out if there are no backups.",
        `${own}tags any backup policy`,
    ],
    [
        "PersistentVolumes and StorageClasses have no namespace: no Role can separate two teams of a cluster.",
        "tests/sandbox/clusterRole.spec.ts: has only claims in a namespace",
    ],
    ["A push to the deployed branch updates every stack except production.", deployed],
    [
        "The sandbox is for development: its servers listen on 127.0.0.1 only.",
        "tests/sandbox/servers.spec.ts: listen on 127.0.0.1 only",
    ],
];

/** Parts that state nothing of the program: names, headings, links and where to read on. */
const others = [
    "The data on the disks, and the credentials that the stack works with.",
    "A test shows every statement from here on; `tests/unit/security.spec.ts` has the list.",
    "Reviews and [gates](docs/environments.md#pulumi-deployments) are the repository's.",
    /^#+ .*$/gm,
    /\*\*[^*]+\*\*(, to (read|write)|, or a pull request that is merged)?:?/g,
    /\[docs\/[^\]]+\]\([^)]+\)[.:]?/g,
    /who has|can't|can/g,
    /[|\s-]/g,
];

describe("SECURITY.md", () => {
    const [, page = ""] = read("SECURITY.md").split("## What is at stake");

    it("has no statement without a test", () => {
        // Longer ones first: one may be a part of another.
        const known = [...statements.map(([text]) => text)].sort((a, b) => b.length - a.length);
        const rest = known.reduce((text, statement) => {
            assert.ok(page.includes(statement), `SECURITY.md doesn't say: ${statement}`);
            return text.replaceAll(statement, "");
        }, page);
        assert.equal(
            others.reduce<string>((text, part) => text.replaceAll(part, ""), rest),
            "",
        );
    });

    statements.forEach(([text, ...tests]) =>
        it(`has a test for each statement: ${text.slice(0, 60)}`, () => {
            assert.ok(tests.length > 0);
            tests.forEach((test) => {
                const [file = "", title = ""] = test.split(/: (.*)/);
                assert.ok(read(file).includes(title), `${file} has no test "${title}"`);
            });
        }),
    );
});

describe("rights in the documents", () => {
    const { Statement } = JSON.parse(read("docs", "iam-policy.json")) as {
        Statement: { Sid: string; Action: string | string[]; Condition?: object }[];
    };
    const actions = Statement.flatMap(({ Action }) => Action);

    it("include no attaching, reading, sharing or starting in the policy", () => {
        assert.ok(actions.length > 10);
        assert.deepEqual(
            actions.filter((action) =>
                /^(\*|ec2:\*|ebs:.*|ec2:(Attach|Detach|Run|Import|Export|Reset).*|ec2:Modify.*Attribute)$/.test(
                    action,
                ),
            ),
            [],
        );
        const changing = actions.filter((action) => /^ec2:(?!Describe)/.test(action)).sort();
        assert.deepEqual(
            [...new Set(changing)],
            [
                "ec2:CopyVolumes",
                "ec2:CreateSnapshot",
                "ec2:CreateTags",
                "ec2:CreateVolume",
                "ec2:DeleteTags",
                "ec2:DeleteVolume",
                "ec2:ModifyVolume",
            ],
        );
    });

    it("include tagging of any backup policy in an optional statement", () => {
        const [statement, ...more] = Statement.filter(({ Sid }) => Sid === "TagBackupPolicies");
        assert.deepEqual(
            [statement?.Condition, more],
            [{ StringEquals: { "aws:RequestTag/KubernetesCluster": "CLUSTER" } }, []],
            "no condition on the tags that it has",
        );
    });

    it("include only disks in the ClusterRole", () => {
        const { rules } = parse(read("docs", "cluster-role.yaml")) as {
            rules: { resources: string[]; verbs: string[]; resourceNames?: string[] }[];
        };
        assert.deepEqual(rules.map(({ resources }) => resources).flat(), [
            "storageclasses",
            "persistentvolumes",
            "persistentvolumeclaims",
            "namespaces",
        ]);
        const namespaces = rules.find(({ resources }) => resources.includes("namespaces"));
        assert.deepEqual([namespaces?.verbs, namespaces?.resourceNames], [["get"], ["default"]]);
    });

    it("include a separate role for previews in the GitHub workflow", () => {
        const { jobs } = parse(read("examples", "github-actions", "storage.yml")) as {
            jobs: Record<string, { if?: string; steps: { with?: Record<string, string> }[] }>;
        };
        const roles = Object.values(jobs).map((job): [string | undefined, string[]] => [
            job.if,
            job.steps.flatMap((step) => step.with?.["role-to-assume"] ?? []),
        ]);
        assert.deepEqual(roles, [
            ["github.event_name == 'pull_request'", ["${{ vars.AWS_PREVIEW_ROLE_ARN }}"]],
            ["github.event_name == 'push'", ["${{ vars.AWS_ROLE_ARN }}"]],
        ]);
    });
});
