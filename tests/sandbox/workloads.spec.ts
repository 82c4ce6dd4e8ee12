import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { until } from "../../sandbox/until";
import { startPods } from "../../tools/moves/execute";
import { findWorkloads } from "../../tools/workloads/find";
import { startWorkload, waitUntilRunning } from "../../tools/workloads/start";
import { stopWorkload, waitUntilStopped } from "../../tools/workloads/stop";
import { readBefore } from "../../tools/workloads/stopped";
import type { StoppedWorkload } from "../../tools/workloads/stopped";
import type { Workload } from "../../tools/workloads/workload";
import { namespace, timeoutSeconds } from "../support/cluster/diskCluster";
import { firstStart } from "../support/cluster/sandbox";
import { appOf, claimTemplate, podTemplate, WorkloadCluster } from "../support/cluster/workloadCluster";

/** Workloads on a real API server with Kubernetes' own controllers, and without any other tool. */
describe("workloads", function () {
    this.timeout(120_000);

    let cluster: WorkloadCluster;
    before(async function () {
        this.timeout(firstStart);
        cluster = await WorkloadCluster.start();
    });
    after(() => cluster.stop());

    const find = async (app: string, count: number, phase?: string) =>
        findWorkloads(cluster.clients(), await cluster.pods(app, count, phase));
    /** A record as a journal's file gives it back. */
    const recordOf = async (workload: Workload | undefined) => {
        assert.ok(workload);
        return JSON.parse(JSON.stringify(await readBefore(cluster.clients(), workload))) as StoppedWorkload;
    };
    const stop = async (record: StoppedWorkload) => {
        const outcome = await stopWorkload(cluster.clients(), record);
        assert.deepEqual(await waitUntilStopped(cluster.clients(), record, timeoutSeconds), []);
        assert.deepEqual(await stopWorkload(cluster.clients(), record), { done: [], problems: [] });
        return outcome.done;
    };
    const start = async (record: StoppedWorkload) => {
        const outcome = await startWorkload(cluster.clients(), record);
        assert.deepEqual(await waitUntilRunning(cluster.clients(), record, timeoutSeconds), []);
        assert.deepEqual(await startWorkload(cluster.clients(), record), { done: [], problems: [] });
        return outcome.done;
    };
    const claimIds = (names: readonly string[]) =>
        Promise.all(
            names.map(
                async (name) => (await cluster.read("v1", "PersistentVolumeClaim", name))?.metadata?.uid,
            ),
        );

    describe("a StatefulSet that deletes the claims of pods that are scaled away", () => {
        const claims = ["data-web-0", "data-web-1"];
        const policy = { whenDeleted: "Retain", whenScaled: "Delete" };

        before(async () => {
            await Promise.all(["web-a", "web-b"].map((name) => cluster.createPersistentVolume(name)));
            await cluster.create(
                appOf("StatefulSet", "web", {
                    replicas: 2,
                    template: podTemplate("web"),
                    volumeClaimTemplates: [claimTemplate("data")],
                    persistentVolumeClaimRetentionPolicy: policy,
                }),
            );
        });

        it("keeps its claims when it is stopped, and has its policy again when it runs", async () => {
            const workloads = await find("web", 2);
            const pods = ["web-0", "web-1"];
            assert.deepEqual(workloads, [
                {
                    ...{ kind: "StatefulSet", namespace, name: "web", pods },
                    ...{ managers: [], notes: [], startsInTurn: true },
                },
            ]);
            const before = await claimIds(claims);
            const record = await recordOf(workloads[0]);
            assert.deepEqual(await stop(record), ["StatefulSet default/web scaled to 0"]);
            assert.deepEqual(await claimIds(claims), before);
            assert.deepEqual(await start(record), ["StatefulSet default/web scaled to 2"]);
            const set = await cluster.read("apps/v1", "StatefulSet", "web");
            assert.equal(
                JSON.stringify(set?.spec?.["persistentVolumeClaimRetentionPolicy"]),
                JSON.stringify(policy),
            );
            assert.deepEqual(await claimIds(claims), before);
        });

        it("keeps its claims when it is started before its pods have ended", async () => {
            const [workload] = await find("web", 2);
            const before = await claimIds(claims);
            const record = await recordOf(workload);
            await stopWorkload(cluster.clients(), record);
            await start(record);
            assert.deepEqual(await claimIds(claims), before);
        });

        it("is found by its claims when it has no pods", async () => {
            const found = async (name: string) => {
                const claims = [{ namespace, name }];
                return (await findWorkloads(cluster.clients(), [], { claims })).map((one) => one.name);
            };
            assert.deepEqual(await found("data-web-1"), ["web"]);
            assert.deepEqual(await found("data-web-2"), []);
        });

        it("isn't touched when another one has its name", async () => {
            const [workload] = await find("web", 2);
            const record = { ...(await recordOf(workload)), uid: "another" };
            const problems = [
                "StatefulSet default/web was deleted and created again meanwhile: it is left as it is",
            ];
            assert.deepEqual(await stopWorkload(cluster.clients(), record), { done: [], problems });
            assert.deepEqual(await startWorkload(cluster.clients(), record), { done: [], problems });
            await cluster.pods("web", 2);
        });

        const scale = (replicas: number) =>
            cluster.patch({ ...appOf("StatefulSet", "web", {}), spec: { replicas } });

        it("gets its pods back when its record is lost", async () => {
            await stop(await recordOf((await find("web", 2))[0]));
            const claims = [{ namespace, name: "data-web-1" }];
            const [workload] = await findWorkloads(cluster.clients(), [], { claims });
            assert.deepEqual(workload?.notes, [
                "StatefulSet default/web has 0 replicas since a move that was not finished, and gets its 2 back",
            ]);
            const record = await recordOf(workload);
            assert.deepEqual(await stop(record), []);
            assert.deepEqual(await start(record), ["StatefulSet default/web scaled to 2"]);
            const set = await cluster.read("apps/v1", "StatefulSet", "web");
            assert.equal(set?.metadata?.annotations, undefined);
            await cluster.patch({
                ...appOf("StatefulSet", "web", {}),
                spec: { persistentVolumeClaimRetentionPolicy: policy },
            });
        });

        it("stays as somebody has scaled it meanwhile", async () => {
            const record = await recordOf((await find("web", 2))[0]);
            await stop(record);
            await scale(1);
            assert.deepEqual(await start(record), [
                "StatefulSet default/web stays scaled to 1, which somebody has done meanwhile",
            ]);
            await cluster.pods("web", 1);
        });

        it("is scaled to what somebody has set meanwhile when it is stopped once more", async () => {
            await scale(2);
            const record = await recordOf((await find("web", 2))[0]);
            await stop(record);
            await scale(1);
            await cluster.pods("web", 1);
            assert.deepEqual(await stop(record), [
                "StatefulSet default/web scaled to 0, and to 1 again at the end, since somebody has scaled it meanwhile",
            ]);
            assert.deepEqual(await start(record), ["StatefulSet default/web scaled to 1"]);
        });

        it("would lose its claims without the change of its policy", async () => {
            await scale(0);
            const [idle] = await findWorkloads(cluster.clients(), [], {
                claims: [{ namespace, name: "data-web-0" }],
            });
            assert.deepEqual(
                [idle?.isIdle, idle?.notes],
                [
                    true,
                    [
                        "StatefulSet default/web has 0 replicas, and stays so: start its pods yourself if they are to run",
                    ],
                ],
            );
            const gone = async () => ((await claimIds(["data-web-0"]))[0] === undefined ? true : undefined);
            await until(gone, "the controller to delete the claim", timeoutSeconds);
        });
    });

    it("ends the pods of a StatefulSet of which two aren't ready, for which its controller waits", async () => {
        for (const ordinal of [0, 1, 2]) {
            await cluster.createDisk(`data-stuck-${ordinal}`);
        }
        const { metadata, spec } = podTemplate("stuck");
        const set = appOf("StatefulSet", "stuck", {
            replicas: 3,
            template: { metadata, spec },
            volumeClaimTemplates: [claimTemplate("data")],
        });
        await cluster.create(set);
        await cluster.pods("stuck", 3);
        const cordon = (unschedulable: boolean) =>
            Promise.all(
                ["node-1", "node-2"].map((name) =>
                    cluster.patch({
                        apiVersion: "v1",
                        kind: "Node",
                        metadata: { name },
                        spec: { unschedulable },
                    }),
                ),
            );
        await cordon(true);
        for (const [count, name] of ["stuck-1", "stuck-0"].entries()) {
            await cluster.remove("v1", "Pod", name);
            await cluster.pods("stuck", count + 1, "Pending");
        }
        const [workload] = await find("stuck", 1);
        const record = await recordOf(workload);
        assert.deepEqual(await stop(record), [
            "StatefulSet default/stuck scaled to 0",
            "Pod default/stuck-0, which wasn't ready, deleted",
            "Pod default/stuck-1, which wasn't ready, deleted",
        ]);
        const journal = { workloads: [record], claims: [], leftPods: ["default/stuck-0"] };
        const means = { clients: cluster.clients(), report: () => undefined };
        const { problems, left } = await startPods(journal, { ...means, timeoutSeconds: 600 });
        assert.deepEqual(problems, []);
        assert.match(left[0] ?? "", /^pod default\/stuck-0 doesn't run: 0\/2 nodes are available/);
        const waiting = ["stuck-1", "stuck-2"].map(
            (name) => `pod default/${name} doesn't run: it waits for stuck-0`,
        );
        assert.deepEqual(left.slice(1), waiting);
        const unexpected = await startPods({ ...journal, leftPods: [] }, { ...means, timeoutSeconds: 0.1 });
        assert.deepEqual([unexpected.problems, unexpected.left], [left, []]);
        await cordon(false);
        await start(record);
    });

    it("scales a Deployment and a ReplicaSet to 0 and back", async () => {
        for (const kind of ["Deployment", "ReplicaSet"] as const) {
            const app = kind.toLowerCase();
            await cluster.createDisk(app);
            await cluster.create(appOf(kind, app, { replicas: 2, template: podTemplate(app, app) }));
            const [workload, ...others] = await find(app, 2);
            assert.equal(workload?.kind, kind);
            assert.deepEqual(others, []);
            const record = await recordOf(workload);
            assert.deepEqual(await stop(record), [`${kind} default/${app} scaled to 0`]);
            assert.deepEqual(await start(record), [`${kind} default/${app} scaled to 2`]);
            await cluster.pods(app, 2);
        }
    });

    /** Creates a pod without an owner, and its disk. */
    const createPod = async (name: string, more: object = {}) => {
        await cluster.createDisk(name);
        const { metadata, spec } = podTemplate(name, name);
        await cluster.create({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { ...metadata, name, annotations: { team: "blue" } },
            spec: { ...spec, ...more },
        });
    };

    it("deletes a pod without an owner, and creates it again", async () => {
        await createPod("bare");
        const [workload] = await find("bare", 1);
        const record = await recordOf(workload);
        assert.deepEqual(await stop(record), ["Pod default/bare deleted"]);
        const missing = await waitUntilRunning(cluster.clients(), record, 0);
        assert.deepEqual(missing, [{ name: "bare", reason: "it isn't there" }]);
        assert.deepEqual(await start(record), ["Pod default/bare created"]);
        const [pod] = await cluster.pods("bare", 1);
        assert.equal(pod?.metadata?.annotations?.["team"], "blue");
        assert.notEqual(pod.metadata.uid, record.uid);
        assert.deepEqual(await stopWorkload(cluster.clients(), record), {
            done: [],
            problems: ["Pod default/bare was deleted and created again meanwhile: it is left as it is"],
        });
    });

    it("names the scheduler's reason for a pod that doesn't run", async () => {
        await createPod("picky", { nodeSelector: { disk: "fast" } });
        const [workload] = await find("picky", 1, "Pending");
        const record = await recordOf(workload);
        // Before, the reason is that the claim isn't bound yet.
        const scheduled = async () => {
            const [odd] = await waitUntilRunning(cluster.clients(), record, 0);
            return /^0\/2 nodes are available: .*node affinity/.test(odd?.reason ?? "") || undefined;
        };
        await until(scheduled, "the scheduler's reason", timeoutSeconds);
    });

    describe("Jobs", () => {
        const job = (name: string, spec: object, metadata: object = {}) => ({
            apiVersion: "batch/v1",
            kind: "Job",
            metadata: { name, ...metadata },
            spec: { ...spec },
        });
        const template = (app: string, spec: object = {}) => {
            const { metadata, spec: pod } = podTemplate(app, app);
            return { metadata, spec: { ...pod, restartPolicy: "Never", ...spec } };
        };
        /** The sandbox's nodes complete the pods of Jobs at once. */
        const unschedulable = { nodeSelector: { disk: "fast" } };

        it("are suspended, and go on", async () => {
            await cluster.createDisk("import");
            await cluster.create(job("import", { template: template("import", unschedulable) }));
            const [workload] = await find("import", 1, "Pending");
            assert.equal(workload?.kind, "Job");
            assert.deepEqual(workload.notes, [
                "the pods of Job default/import begin their work again from the start",
            ]);
            const record = await recordOf(workload);
            assert.deepEqual(await stop(record), ["Job default/import suspended"]);
            const { done } = await startWorkload(cluster.clients(), record);
            assert.deepEqual(done, ["Job default/import resumed"]);
            await cluster.pods("import", 1, "Pending");
        });

        it("lose pods that have ended: their claim can't be deleted before", async () => {
            await cluster.createDisk("done");
            await cluster.create(job("done", { template: template("done") }));
            const [workload] = await find("done", 1, "Succeeded");
            assert.match(workload?.notes.join() ?? "", /^Pod default\/done-\S+ has ended, and is deleted/);
            const record = await recordOf(workload);
            const deletion = cluster.delete("v1", "PersistentVolumeClaim", "done");
            await setTimeout(500);
            assert.notEqual((await claimIds(["done"]))[0], undefined);
            assert.match((await stop(record)).join(), /Pod default\/done-\S+, which had ended, deleted$/);
            await deletion;
            await start(record);
            await cluster.pods("done", 0);
        });

        it("of a CronJob are suspended with it", async () => {
            await cluster.createDisk("nightly");
            const { metadata } = await cluster.create({
                apiVersion: "batch/v1",
                kind: "CronJob",
                metadata: { name: "nightly" },
                spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: template("nightly") } } },
            });
            const owner = { apiVersion: "batch/v1", kind: "CronJob", name: "nightly", uid: metadata?.uid };
            const ownerReferences = [{ ...owner, controller: true }];
            const spec = { template: template("nightly", unschedulable) };
            await cluster.create(job("nightly-1", spec, { ownerReferences }));
            await cluster.create(job("nightly-2", { ...spec, suspend: true }, { ownerReferences }));
            const [workload, ...others] = await find("nightly", 1, "Pending");
            assert.equal(workload?.kind, "CronJob");
            assert.deepEqual(others, []);
            const record = await recordOf(workload);
            // One that starts after the record was made.
            await cluster.create(job("nightly-3", spec, { ownerReferences }));
            assert.deepEqual(await stop(record), [
                "CronJob default/nightly suspended",
                "Job default/nightly-1 suspended",
                "Job default/nightly-3 suspended",
            ]);
            assert.deepEqual((await startWorkload(cluster.clients(), record)).done, [
                "Job default/nightly-1 resumed",
                "Job default/nightly-3 resumed",
                "CronJob default/nightly resumed",
            ]);
            const claims = [{ namespace, name: "nightly" }];
            const [found] = await findWorkloads(cluster.clients(), [], { claims });
            assert.equal(found?.name, "nightly");
        });
    });
});
