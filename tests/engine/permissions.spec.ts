import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { actionsOf, grants, policyOf } from "../../permissions/iamRights";
import type { Grant } from "../../permissions/iamRights";
import { kinds, rightsOf } from "../../permissions/rbacRights";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { FaultProxy, kubernetesError } from "../../sandbox/faults";
import type { Request } from "../../sandbox/faults";
import { IamGuard } from "../../sandbox/iam/guard";
import { runWith, startCli } from "../support/cli/cli";
import { ClusterUser } from "../support/cluster/clusterUser";
import { startOwnSandbox, firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const names = { REGION: "eu-west-1", ACCOUNT: "123456789012", CLUSTER: cluster.name, KEY: "1234abcd" };
const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];
const role = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";
const data = {
    count: 1,
    volume: {
        sizeGiB: 10,
        kmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd",
        tags: { team: "a" },
    },
    claims: { names: ["a"], create: true },
    storageClass: { allowVolumeExpansion: false },
    deletionPolicy: "Snapshot",
    protect: false,
    backup: { roleArn: role, keep: 7 },
};
const expands = { storageClass: { allowVolumeExpansion: true } };
/** The changes of an update: size, tags, labels, the backups' schedule, and the zone. */
const changed = {
    ...data,
    ...expands,
    volume: { ...data.volume, sizeGiB: 20, tags: { site: "b" } },
    persistentVolume: { labels: { tier: "fast" } },
    backup: { roleArn: role, keep: 14 },
    overrides: { "0": { moves: [{ zone: "eu-west-1c", from: "NewSnapshot" }] } },
};
const logs = {
    count: 1,
    volume: { sizeGiB: 1 },
    claims: { names: ["b"], create: true },
    protect: false,
    storageClass: { name: "data", create: false },
};

const grown = { ...logs, volume: { sizeGiB: 2 }, persistentVolume: { labels: { tier: "fast" } } };
/** Copies of the volumes of logs, which have grown. */
const copies = {
    count: 1,
    volume: { sizeGiB: 2, copyOf: { cluster: cluster.name, storage: "logs" } },
    deletionPolicy: "Delete",
    protect: false,
};

/** The policies of docs/permissions.md, with the real engine. */
describe("permissions with the Pulumi CLI", function () {
    this.timeout(180_000);

    let cli: PulumiCli;
    let guard: IamGuard;
    let user: ClusterUser;
    let kubeconfig: string;
    let end: () => Promise<void> = () => Promise.resolve();
    const requested = new Set<string>();
    /** Whether the API server streams lists. Older ones don't. */
    let streams = true;

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startCli(this, { start: startOwnSandbox, sharesProcess: true });
        ({ cli } = sandbox);
        guard = new IamGuard(sandbox.servers);
        sandbox.faulty.ec2.judge = guard.judge;
        user = await ClusterUser.of(sandbox.servers);

        const { server = "", caData = "" } = kubeConfig(sandbox.servers).getCurrentCluster() ?? {};
        const proxy = new FaultProxy(server, Buffer.from(caData, "base64").toString(), {
            authorization: `Bearer ${user.token}`,
        });
        proxy.judge = (request) => {
            const right = rightFor(request);
            const refused = !streams && request.path.includes("sendInitialEvents=true");
            if (right !== undefined && !refused) {
                requested.add(right);
            }
            return Promise.resolve(refused ? kubernetesError(422, "Invalid") : undefined);
        };
        const settings = parse(user.kubeconfig) as object;
        const clusters = [{ name: "sandbox", cluster: { server: await proxy.listen() } }];
        kubeconfig = join(sandbox.directory, "kubeconfig.user");
        writeFileSync(kubeconfig, stringify({ ...settings, clusters }), { mode: 0o600 });
        end = async () => {
            proxy.close();
            await sandbox.end();
        };
    });
    after(() => end());

    const allow = async (chosen: readonly Grant[], rights = kinds) => {
        guard.policy = policyOf(chosen, names);
        await user.allow(rights);
    };
    let defaultTags: Record<string, string> = { owner: "a" };
    const pulumi = (command: string[], storages: object) =>
        runWith(
            cli,
            { cluster, kubeconfig, storages, "aws:defaultTags": { tags: defaultTags } },
            command,
            // Where it goes wrong, it ends; it doesn't take the machine's memory.
            { environment: { NODE_OPTIONS: "--max-old-space-size=1500" } },
        );

    it("are named in the error when the kubeconfig's user lacks one", async () => {
        const without = kinds.map((kind) =>
            kind.resource === "storageclasses" ? { ...kind, verbs: { get: "" } } : kind,
        );
        await allow(grants, without);
        const { code, text } = await pulumi(up, { data, logs });
        assert.notEqual(code, 0);
        assert.match(
            text,
            /storageclasses\.storage\.k8s\.io is forbidden: User "system:serviceaccount:default:storage" cannot create resource "storageclasses"/,
        );
    });

    it("end at the accounts that the stack's config allows", async () => {
        await allow(grants);
        const settings = stackConfig({ cluster, kubeconfig, storages: { data } });
        await cli.configure({ ...settings, "aws:allowedAccountIds": ["999999999999"] });
        const { code, stdout, stderr } = await cli.run(["preview"]);
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /AWS account ID not allowed: 123456789012/);
    });

    it("are all needed for creating, copying, moving, backing up, tagging and deleting a disk", async () => {
        await allow(grants);
        guard.asked.clear();
        const created = await pulumi(up, { data, logs });
        assert.equal(created.code, 0, created.text);
        const again = await pulumi(up, { data, logs });
        assert.deepEqual([again.code, again.steps], [0, []], again.text);

        const looking = grants.filter(({ commands }) => commands.includes("preview"));
        await allow(
            looking,
            kinds.map((kind) => ({ ...kind, verbs: { get: "" } })),
        );
        const preview = await pulumi(["preview"], { data: changed, logs: grown });
        assert.equal(preview.code, 0, preview.text);
        assert.ok(preview.steps.includes("create Volume data-0-moved-1"), preview.text);

        const moves = { overrides: { "0": { moves: [{ zone: "eu-west-1c" }] } } };
        await allow(grants.filter(({ actions }) => !("ec2:DescribeSnapshots" in actions)));
        const refused = await pulumi(up, { data: { ...data, ...moves, ...expands }, logs });
        assert.notEqual(refused.code, 0);
        assert.match(refused.text, /is not authorized to perform: ec2:DescribeSnapshots\b/);
        assert.doesNotMatch(refused.text, /^\s+at |heap out of memory/m);

        await allow(grants);
        const moved = await pulumi(up, { data: changed, logs: grown });
        assert.equal(moved.code, 0, moved.text);
        ["create Snapshot data-0-moved-1", "update LifecyclePolicy data", "update Volume data-0"].forEach(
            (step) => assert.ok(moved.steps.includes(step), moved.steps.join("\n")),
        );
        defaultTags = { unit: "b" };
        const all = { data: changed, logs: grown, copies };
        const retagged = await pulumi(up, all);
        assert.equal(retagged.code, 0, retagged.text);
        ["Volume data-0", "Snapshot data-0-moved-1", "LifecyclePolicy data"].forEach((tagged) =>
            assert.ok(retagged.steps.includes(`update ${tagged}`), retagged.steps.join("\n")),
        );
        assert.ok(retagged.steps.includes("create VolumeCopy copies-0"), retagged.steps.join("\n"));
        streams = false;
        const gone = await pulumi(destroy, all);
        assert.equal(gone.code, 0, gone.text);

        const asked = [...guard.asked].map((action) => action.replace("ReEncryptFrom", "ReEncrypt*"));
        assert.deepEqual(asked.sort(), actionsOf(grants).sort());
        assert.deepEqual(
            [...requested].filter((right) => !right.endsWith(" events")).sort(),
            rightsOf(kinds).sort(),
        );
    });
});

/** The right that a request to the API server needs; undefined for one that every user has. */
function rightFor({ method, path }: Request): string | undefined {
    const [, resource, name] =
        /^\/apis?\/(?:[\w.]+\/)?v\d\w*\/(?:namespaces\/[\w-]+\/)?([a-z]+)(?:\/([^/?]+))?(?:\?|$)/.exec(
            path,
        ) ?? [];
    if (resource === undefined) {
        return undefined;
    }
    const verbs: Record<string, string> = { POST: "create", PATCH: "patch", DELETE: "delete" };
    const read = path.includes("watch=true") ? "watch" : name === undefined ? "list" : "get";
    return `${verbs[method] ?? read} ${resource}`;
}
