import {
    ApiException,
    AuthorizationV1Api,
    CoreV1Api,
    KubeConfig,
    KubernetesObjectApi,
    PatchStrategy,
    StorageV1Api,
} from "@kubernetes/client-node";
import type { KubernetesObject } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "../../permissions/rbacRights";
import type { KindRights } from "../../permissions/rbacRights";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { Servers } from "../../sandbox/servers";
import { ClusterUser } from "../support/cluster/clusterUser";
import { firstStart, project, startOwnSandbox } from "../support/cluster/sandbox";

const metadata = { name: "data" };
const objects: Record<string, KubernetesObject & { spec?: object; provisioner?: string }> = {
    storageclasses: {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata,
        provisioner: "kubernetes.io/no-provisioner",
    },
    persistentvolumes: {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata,
        spec: {
            capacity: { storage: "1Gi" },
            accessModes: ["ReadWriteOnce"],
            csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" },
            storageClassName: "data",
        },
    },
    persistentvolumeclaims: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { ...metadata, namespace: "default" },
        spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "data",
            resources: { requests: { storage: "1Gi" } },
        },
    },
    namespaces: { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } },
};

/** The cluster's rights in docs/permissions.md, on an API server with RBAC. */
describe("the ClusterRole", function () {
    this.timeout(120_000);

    let servers: Servers;
    let directory: string;
    let end: () => Promise<void>;
    let user: ClusterUser;
    let config: KubeConfig;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, directory, end } = await startOwnSandbox());
        user = await ClusterUser.of(servers);
        config = new KubeConfig();
        config.loadFromString(user.kubeconfig);
    });
    after(() => end());

    /** The provider's requests for an object, by verb, without those that aren't granted. */
    const attempts = (resource: string): Record<string, () => Promise<unknown>> => {
        const api = KubernetesObjectApi.makeApiClient(config);
        const object = objects[resource]!;
        const named = object as { metadata: { name: string; namespace: string } } & KubernetesObject;
        const { apiVersion = "", kind = "" } = object;
        return {
            create: () => api.create(object),
            get: () => api.read(named),
            patch: () =>
                api.patch(
                    { ...object, metadata: { ...object.metadata, labels: { tier: "fast" } } },
                    undefined,
                    undefined,
                    "test",
                    true,
                    PatchStrategy.ServerSideApply,
                ),
            list: () => api.list(apiVersion, kind, object.metadata?.namespace),
            watch: () => mayI("watch", resource),
            delete: () => api.delete(named),
        };
    };
    /** A watch doesn't end by itself: whether it would begin. */
    const mayI = async (verb: string, resource: string) => {
        const { apiGroup: group } = kinds.find((kind) => kind.resource === resource)!;
        const { namespace } = objects[resource]!.metadata ?? {};
        const { status } = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
            body: { spec: { resourceAttributes: { verb, resource, group, namespace } } },
        });
        if (status?.allowed !== true) {
            throw Object.assign(new Error(`cannot ${verb} resource "${resource}"`), { code: 403 });
        }
    };

    it("allows everything that the provider does", async () => {
        await user.allow(kinds);
        for (const { resource, verbs } of kinds) {
            for (const [verb, attempt] of Object.entries(attempts(resource))) {
                if (verb in verbs) {
                    await attempt();
                } else {
                    await assert.rejects(attempt, { code: 403 }, `${verb} ${resource}`);
                }
            }
        }
    });

    it("has only claims in a namespace: no Role can separate teams by the other kinds", async () => {
        const admin = kubeConfig(servers);
        const [core, storage] = await Promise.all([
            admin.makeApiClient(CoreV1Api).getAPIResources(),
            admin.makeApiClient(StorageV1Api).getAPIResources(),
        ]);
        const namespaced = [...core.resources, ...storage.resources]
            .filter(({ name }) => kinds.some(({ resource }) => resource === name))
            .map(({ name, namespaced }) => `${name} ${namespaced}`);
        assert.deepEqual(namespaced.sort(), [
            "namespaces false",
            "persistentvolumeclaims true",
            "persistentvolumes false",
            "storageclasses false",
        ]);
    });

    const without = (kind: KindRights, verb: string) =>
        kinds.map((one) => {
            const { [verb]: _gone, ...verbs } = one.verbs;
            return one === kind ? { ...one, verbs } : one;
        });
    kinds.forEach((kind) =>
        Object.keys(kind.verbs).forEach((verb) =>
            it(`has no unneeded right: ${verb} ${kind.resource}`, async () => {
                await user.allow(without(kind, verb).filter(({ verbs }) => Object.keys(verbs).length > 0));
                await assert.rejects(
                    () => attempts(kind.resource)[verb]!(),
                    (error: Error) =>
                        (error instanceof ApiException ? String(error.body) : error.message).includes(
                            `cannot ${verb} resource \\"${kind.resource}\\"`,
                        ) || error.message.includes(`cannot ${verb} resource "${kind.resource}"`),
                );
            }),
        ),
    );

    it("is bound and checked by the page's commands when kubectl is on the PATH", async function () {
        if (spawnSync("kubectl", ["version", "--client"]).status !== 0) {
            console.log("    skipped: there is no kubectl on the PATH");
            return this.skip();
        }
        const page = readFileSync(join(project, "docs", "permissions.md"), "utf8");
        const [, grant = ""] = /```sh\n(kubectl apply [\s\S]*?)```/.exec(page) ?? [];
        const administrator = { ...process.env, KUBECONFIG: servers.kubeconfig };
        const granted = spawnSync("sh", ["-c", grant], { cwd: project, env: administrator });
        assert.equal(granted.status, 0, granted.stderr.toString());
        assert.match(granted.stdout.toString(), /clusterrolebinding\S* created/);
        const [, script = ""] = /```sh\n(for [\s\S]*?)```/.exec(page) ?? [];
        assert.notEqual(script, "");
        const file = join(directory, "user.kubeconfig");
        writeFileSync(file, user.kubeconfig, { mode: 0o600 });
        const said = () =>
            spawnSync("sh", ["-c", script], { env: { ...process.env, KUBECONFIG: file } }).stdout;
        await user.allow(kinds);
        assert.doesNotMatch(said().toString(), /: no/);
        await user.allow(without(kinds[1]!, "watch"));
        assert.match(said().toString(), /^watch persistentvolumes: no$/m);
        assert.equal(said().toString().match(/: no$/gm)?.length, 1);
    });
});
