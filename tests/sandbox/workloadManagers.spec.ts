import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import type { Clients } from "../../tools/inspect/clients";
import { findWorkloads } from "../../tools/workloads/find";
import { workloadKinds } from "../../tools/workloads/rights";
import { resumeManagers, startPods, startWorkload, waitUntilRunning } from "../../tools/workloads/start";
import { stopWorkload, waitUntilStopped } from "../../tools/workloads/stop";
import { readBefore } from "../../tools/workloads/stopped";
import type { StoppedWorkload } from "../../tools/workloads/stopped";
import type { Workload } from "../../tools/workloads/workload";
import { ClusterUser } from "../support/cluster/clusterUser";
import { namespace, timeoutSeconds } from "../support/cluster/diskCluster";
import { firstStart } from "../support/cluster/sandbox";
import { appOf, killedAt, podTemplate, WorkloadCluster } from "../support/cluster/workloadCluster";

const kustomizeApi = "kustomize.toolkit.fluxcd.io/v1";
const helmApi = "helm.toolkit.fluxcd.io/v2";
const argoApi = "argoproj.io/v1alpha1";
const kedaApi = "keda.sh/v1alpha1";

/** Workloads that GitOps tools, autoscalers and operators manage. Their controllers don't run. */
describe("managed workloads", function () {
    this.timeout(120_000);

    let cluster: WorkloadCluster;
    let clients: Clients;
    before(async function () {
        this.timeout(firstStart);
        cluster = await WorkloadCluster.start();
        clients = cluster.clients();
    });
    after(() => cluster.stop());

    const flux = (prefix: "kustomize" | "helm", name: string) => ({
        [`${prefix}.toolkit.fluxcd.io/name`]: name,
        [`${prefix}.toolkit.fluxcd.io/namespace`]: namespace,
    });
    const custom = (apiVersion: string, kind: string, name: string, spec: object, metadata: object = {}) =>
        cluster.create({ apiVersion, kind, metadata: { name, ...metadata }, spec: { ...spec } });
    const deployment = async (name: string, metadata: Readonly<Record<string, unknown>>) => {
        await cluster.createDisk(name);
        const spec = { replicas: 1, template: podTemplate(name, name) };
        await cluster.create(appOf("Deployment", name, spec, metadata));
    };
    const find = async (app: string, paused: readonly string[] = [], as = clients): Promise<Workload> => {
        const [workload, ...others] = await findWorkloads(as, await cluster.pods(app, 1), { paused });
        assert.deepEqual(others, []);
        assert.ok(workload);
        return workload;
    };
    const recordOf = async (app: string) => readBefore(clients, await find(app));
    /** The settings of objects, to compare them. */
    const state = async (...objects: readonly (readonly [string, string, string])[]) => {
        const read = await Promise.all(objects.map((object) => cluster.read(...object)));
        return JSON.stringify(
            read.map((object) => ({ ...object?.spec, annotations: object?.metadata?.annotations })),
        );
    };
    const stop = async (record: StoppedWorkload) => {
        const { done, problems } = await stopWorkload(clients, record);
        assert.deepEqual(problems, []);
        assert.deepEqual(await waitUntilStopped(clients, record, timeoutSeconds), []);
        return done;
    };

    it("count without tools that aren't installed", async () => {
        const labels = { ...flux("kustomize", "apps"), "argocd.argoproj.io/instance": "apps" };
        await deployment("plain", { labels });
        const workload = await find("plain");
        assert.deepEqual([workload.managers, workload.problem], [[], undefined]);
        const { done } = await stopWorkload(clients, await readBefore(clients, workload));
        assert.deepEqual(done, ["Deployment default/plain scaled to 0"]);
    });

    it("say what HorizontalPodAutoscalers do", async () => {
        await deployment("api", {});
        const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "api" };
        const spec = { scaleTargetRef, minReplicas: 1, maxReplicas: 3 };
        await custom("autoscaling/v2", "HorizontalPodAutoscaler", "api", spec);
        const { notes, problem } = await find("api");
        assert.equal(problem, undefined);
        assert.deepEqual(notes, [
            "HorizontalPodAutoscaler default/api does nothing while Deployment default/api has 0 replicas",
        ]);
    });

    describe("of installed tools", () => {
        /** A Deployment of a HelmRelease of a Kustomization of itself, which KEDA scales. */
        const fleet = [
            [kustomizeApi, "Kustomization", "fleet"],
            [helmApi, "HelmRelease", "shop"],
            [kedaApi, "ScaledObject", "shop"],
            ["apps/v1", "Deployment", "shop"],
        ] as const;
        before(async () => {
            await cluster.installCustomKinds();
            const labels = flux("kustomize", "fleet");
            await custom(kustomizeApi, "Kustomization", "fleet", { path: "./apps" }, { labels });
            await custom(helmApi, "HelmRelease", "shop", { suspend: false }, { labels });
            const annotations = { "autoscaling.keda.sh/paused-replicas": "1", team: "blue" };
            const scaleTargetRef = { name: "shop" };
            await custom(kedaApi, "ScaledObject", "shop", { scaleTargetRef }, { annotations });
            await deployment("shop", { labels: flux("helm", "shop") });
        });

        it("suspend Flux and KEDA, outermost first, and give them back what they had", async () => {
            const record = await recordOf("shop");
            const before = await state(...fleet);
            assert.deepEqual(await stop(record), [
                "Flux Kustomization default/fleet suspended",
                "Flux HelmRelease default/shop suspended",
                "KEDA ScaledObject default/shop suspended",
                "Deployment default/shop scaled to 0",
            ]);
            const scaler = await cluster.read(kedaApi, "ScaledObject", "shop");
            const paused = { "autoscaling.keda.sh/paused": "true", team: "blue" };
            assert.deepEqual(scaler?.metadata?.annotations, paused);
            const release = await cluster.read(helmApi, "HelmRelease", "shop");
            assert.deepEqual(release?.spec, { suspend: true });
            assert.deepEqual((await startWorkload(clients, record)).done, [
                "Deployment default/shop scaled to 1",
                "KEDA ScaledObject default/shop resumed",
                "Flux HelmRelease default/shop resumed",
                "Flux Kustomization default/fleet resumed",
            ]);
            assert.equal(await state(...fleet), before);
        });

        it("end as before wherever a stop and a start are killed", async () => {
            const record = await recordOf("shop");
            const before = await state(...fleet);
            for (const change of [1, 2, 3, 4]) {
                await assert.rejects(stopWorkload(killedAt(clients, change), record), /killed/);
                await startWorkload(clients, record);
                assert.equal(await state(...fleet), before, `stop killed at change ${change}, then undone`);

                await assert.rejects(stopWorkload(killedAt(clients, change), record), /killed/);
                assert.equal((await stop(record)).length, 5 - change);
                await assert.rejects(startWorkload(killedAt(clients, change), record), /killed/);
                assert.equal((await startWorkload(clients, record)).done.length, 5 - change);
                assert.equal(
                    await state(...fleet),
                    before,
                    `start killed at change ${change}, then repeated`,
                );
                assert.deepEqual(await waitUntilRunning(clients, record, timeoutSeconds), []);
            }
        });

        it("resume the manager of two workloads when both run", async () => {
            await deployment("cart", { labels: flux("helm", "shop") });
            const records = [await recordOf("shop"), await recordOf("cart")];
            const before = await state(...fleet);
            for (const record of records) {
                await stop(record);
            }
            for (const record of records) {
                await startPods(clients, record);
            }
            const { done, problems } = await resumeManagers(clients, records);
            assert.deepEqual([done.length, problems], [3, []]);
            assert.equal(await state(...fleet), before);
        });

        it("leave a manager that was changed or deleted meanwhile", async () => {
            await custom(helmApi, "HelmRelease", "blog", {});
            await deployment("blog", { labels: flux("helm", "blog") });
            const record = await recordOf("blog");
            await stop(record);
            const release = { apiVersion: helmApi, kind: "HelmRelease", metadata: { name: "blog" } };
            await cluster.patch({ ...release, spec: { suspend: false } });
            const text = "Flux HelmRelease default/blog";
            assert.deepEqual((await startWorkload(clients, record)).problems, [
                `${text} was changed while it was suspended: it is left as it is`,
            ]);
            await cluster.delete(helmApi, "HelmRelease", "blog");
            assert.deepEqual((await stopWorkload(clients, record)).problems, [
                `${text} was deleted meanwhile: it isn't suspended`,
            ]);
        });

        it("take automated sync from an Application of Argo CD, and give it back", async () => {
            const syncOptions = ["CreateNamespace=true"];
            const syncPolicy = { automated: { prune: true, selfHeal: true }, syncOptions };
            await custom(argoApi, "Application", "wiki", { syncPolicy });
            const id = "wiki:apps/Deployment:default/wiki";
            await deployment("wiki", { annotations: { "argocd.argoproj.io/tracking-id": id } });
            const application = [argoApi, "Application", "wiki"] as const;
            const record = await recordOf("wiki");
            assert.deepEqual((await stop(record)).slice(0, 1), [
                "Argo CD Application default/wiki suspended",
            ]);
            assert.deepEqual((await cluster.read(...application))?.spec, { syncPolicy: { syncOptions } });
            await startWorkload(clients, record);
            assert.deepEqual((await cluster.read(...application))?.spec, { syncPolicy });
        });

        it("of an operator are ended only when the user has paused it", async () => {
            const database = await custom("example.com/v1", "Database", "main", {});
            const { uid } = database.metadata ?? {};
            const owner = { apiVersion: "example.com/v1", kind: "Database", name: "main", uid };
            const ownerReferences = [{ ...owner, controller: true }];
            await cluster.createDisk("main");
            const spec = { replicas: 1, template: podTemplate("main", "main") };
            await cluster.create(appOf("StatefulSet", "main", spec, { ownerReferences }));
            assert.equal(
                (await find("main")).problem,
                "StatefulSet default/main is of Database main (example.com/v1), which would undo the stop: pause its operator for it, then give --paused Database/default/main",
            );
            const workload = await find("main", ["Database/default/main"]);
            assert.deepEqual([workload.kind, workload.problem], ["StatefulSet", undefined]);
        });

        it("need the rights of the list, and name one that is missing", async () => {
            const user = await ClusterUser.of(cluster);
            const config = new KubeConfig();
            config.loadFromString(user.kubeconfig);
            const limited = { ...clients, kubeConfig: () => config };
            await user.allow(workloadKinds);
            const workload = await find("shop", [], limited);
            assert.equal(workload.problem, undefined);
            const record = await readBefore(limited, workload);
            await stopWorkload(limited, record);
            assert.deepEqual(await waitUntilStopped(limited, record, timeoutSeconds), []);
            await startWorkload(limited, record);
            assert.deepEqual(await waitUntilRunning(limited, record, timeoutSeconds), []);

            const without = (resource: string, verb: string) =>
                workloadKinds.map((one) => {
                    const { [verb]: _gone, ...verbs } = one.verbs;
                    return one.resource === resource ? { ...one, verbs } : one;
                });
            const missing = (right: string) =>
                `the kubeconfig's user may not ${right} in default: grant that right (docs/permissions.md)`;
            await user.allow(without("deployments", "patch"));
            const { problem } = await find("shop", [], limited);
            assert.equal(problem, missing("patch deployments.apps"));
            await assert.rejects(stopWorkload(limited, record), {
                message: missing("patch deployments.apps"),
            });
            await startWorkload(clients, record);
            await user.allow(without("replicasets", "get"));
            assert.equal((await find("shop", [], limited)).problem, missing("get replicasets.apps"));
        });
    });
});
