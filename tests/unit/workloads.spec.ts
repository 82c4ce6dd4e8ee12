import type { V1OwnerReference, V1Pod } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { Lookups } from "../../tools/workloads/lookups";
import { argoManagers, fluxManagers, scalersOf } from "../../tools/workloads/managers";
import { fieldOf, mergePatch, selectorText } from "../../tools/workloads/objects";
import type { ClusterObject, Metadata, Place } from "../../tools/workloads/objects";
import { foreignOwner, topOf } from "../../tools/workloads/owners";
import { manifestOf } from "../../tools/workloads/podManifest";
import { oddOf } from "../../tools/workloads/start";
import { startsPodsOn } from "../../tools/workloads/templates";

const namespace = "default";

function ownedBy(kind: string, name: string, apiVersion = "apps/v1"): V1OwnerReference[] {
    return [{ apiVersion, kind, name, uid: `uid-${name}`, controller: true }];
}

/** A cluster with these objects, by `<Kind> <name>`. */
function clusterOf(objects: Readonly<Record<string, Metadata>>) {
    const asked: string[] = [];
    const objectOf = (kind: string, name: string): ClusterObject | undefined => {
        const metadata = objects[`${kind} ${name}`];
        return metadata && { metadata: { namespace, name, uid: `uid-${name}`, ...metadata } };
    };
    return {
        asked,
        read: ({ kind, name }: Place) => {
            asked.push(`${kind} ${name}`);
            return Promise.resolve(objectOf(kind, name));
        },
        list: (kind: string) =>
            Promise.resolve(
                Object.keys(objects).flatMap((key) => {
                    const [one, name = ""] = key.split(" ");
                    return one === kind ? (objectOf(kind, name) ?? []) : [];
                }),
            ),
    };
}

describe("workloads", () => {
    describe("owners", () => {
        const pod = (ownerReferences?: V1OwnerReference[]): ClusterObject => ({
            metadata: { namespace, name: "pod", ownerReferences },
        });
        const cluster = clusterOf({
            "ReplicaSet web-1": { ownerReferences: ownedBy("Deployment", "web") },
            "Deployment web": {},
            "Job backup-1": { ownerReferences: ownedBy("CronJob", "backup", "batch/v1") },
            "CronJob backup": {},
            "StatefulSet db": { ownerReferences: ownedBy("Cluster", "main", "postgresql.cnpg.io/v1") },
            "ReplicaSet rollout-1": { ownerReferences: ownedBy("Rollout", "shop", "argoproj.io/v1alpha1") },
        });
        const top = async (owners?: V1OwnerReference[], paused: readonly string[] = []) => {
            const { kind, object, problem } = await topOf(cluster, "Pod", pod(owners), paused);
            return [kind, object.metadata.name, problem];
        };

        it("are followed to the topmost kind that can be ended", async () => {
            assert.deepEqual(await top(), ["Pod", "pod", undefined]);
            assert.deepEqual(await top(ownedBy("ReplicaSet", "web-1")), ["Deployment", "web", undefined]);
            const ofJob = await top(ownedBy("Job", "backup-1", "batch/v1"));
            assert.deepEqual(ofJob, ["CronJob", "backup", undefined]);
        });

        it("are an obstacle when an operator is among them, unless it is paused", async () => {
            const owners = ownedBy("StatefulSet", "db");
            assert.deepEqual(await top(owners), [
                "StatefulSet",
                "db",
                "StatefulSet default/db is of Cluster main (postgresql.cnpg.io/v1), which would undo the stop: pause its operator for it, then give --paused Cluster/default/main",
            ]);
            assert.deepEqual(await top(owners, ["Cluster/default/main"]), ["StatefulSet", "db", undefined]);
            const paused = ["Deployment/default/web", "ReplicaSet/default/web-1"];
            assert.deepEqual(await top(ownedBy("ReplicaSet", "web-1"), paused), [
                "Deployment",
                "web",
                undefined,
            ]);
            const [kind, , problem] = await top(ownedBy("ReplicaSet", "rollout-1"));
            assert.equal(kind, "ReplicaSet");
            assert.match(String(problem), /--paused Rollout\/default\/shop$/);
        });

        it("of the same kind in another API group are an operator's", async () => {
            const [kind, , problem] = await top(ownedBy("StatefulSet", "db", "apps.kruise.io/v1beta1"));
            assert.equal(kind, "Pod");
            assert.match(String(problem), /apps\.kruise\.io/);
        });

        it("that are gone are named", async () => {
            const [, , problem] = await top(ownedBy("StatefulSet", "lost"));
            assert.match(String(problem), /StatefulSet default\/lost, which isn't there any more/);
        });

        it("that can't be ended have a way out", () => {
            const text = (kind: string, apiVersion: string) => {
                const [owner] = ownedBy(kind, "x", apiVersion);
                return owner ? foreignOwner("Pod", { namespace, name: "pod" }, owner) : "";
            };
            assert.match(text("DaemonSet", "apps/v1"), /node selector that no node has/);
            assert.match(text("Node", "v1"), /static pod of node x/);
            assert.match(text("ReplicationController", "v1"), /scale it to 0/);
        });
    });

    describe("managers", () => {
        const labels = {
            "helm.toolkit.fluxcd.io/name": "shop",
            "helm.toolkit.fluxcd.io/namespace": "flux-system",
        };

        it("of Flux are named by two labels", () => {
            assert.deepEqual(fluxManagers({ labels }), [
                { kind: "HelmRelease", namespace: "flux-system", name: "shop" },
            ]);
            assert.deepEqual(fluxManagers({ labels: { "helm.toolkit.fluxcd.io/name": "shop" } }), []);
        });

        const made = (metadata: Metadata) => ({
            kind: "Deployment",
            group: "apps",
            metadata: { namespace, name: "web", ...metadata },
        });
        const application = (
            name: string,
            of: string,
            resources: NonNullable<ClusterObject["status"]>["resources"] = [],
        ): ClusterObject => ({ metadata: { name, namespace: of }, status: { resources } });
        const tracking = (value: string) => ({ annotations: { "argocd.argoproj.io/tracking-id": value } });

        it("of Argo CD are named by an annotation for the object itself", () => {
            const all = [application("wiki", "argocd"), application("wiki", "team")];
            const found = (value: string) => argoManagers(made(tracking(value)), all);
            assert.deepEqual(
                found("team_wiki:apps/Deployment:default/web").map((one) => one.namespace),
                ["team"],
            );
            assert.equal(found("wiki:apps/Deployment:default/web").length, 2);
            assert.deepEqual(found("wiki:apps/Deployment:default/other"), []);
        });

        it("of Argo CD are named by a label where the Application lists the object", () => {
            const instance = made({ labels: { "app.kubernetes.io/instance": "wiki" } });
            const resources = [{ kind: "Deployment", namespace, name: "web" }];
            assert.equal(argoManagers(instance, [application("wiki", "argocd", resources)]).length, 1);
            assert.deepEqual(argoManagers(instance, [application("wiki", "argocd")]), []);
        });

        it("of KEDA scale Deployments unless they name another kind", () => {
            const scaled = (scaleTargetRef: object): ClusterObject => ({
                metadata: {},
                spec: { scaleTargetRef },
            });
            const all = [scaled({ name: "web" }), scaled({ name: "web", kind: "StatefulSet" })];
            assert.deepEqual(scalersOf({ kind: "Deployment", name: "web" }, all), all.slice(0, 1));
            assert.deepEqual(scalersOf({ kind: "StatefulSet", name: "web" }, all), all.slice(1));
        });

        it("are followed outwards, and each is asked for once", async () => {
            const fleet = {
                "kustomize.toolkit.fluxcd.io/name": "fleet",
                "kustomize.toolkit.fluxcd.io/namespace": namespace,
            };
            const cluster = clusterOf({
                "HelmRelease shop": { labels: fleet },
                "Kustomization fleet": { labels: fleet },
            });
            const lookups = new Lookups(cluster, []);
            const found = async () => (await lookups.managersOf(made({ labels }))).managers;
            assert.deepEqual(
                (await found()).map(({ kind }) => kind),
                ["Kustomization", "HelmRelease"],
            );
            await found();
            assert.deepEqual(cluster.asked, ["HelmRelease shop", "Kustomization fleet"]);
        });

        it("with an owner that would undo the suspension are a problem", async () => {
            const cluster = clusterOf({
                "Application wiki": {
                    ownerReferences: ownedBy("ApplicationSet", "all", "argoproj.io/v1alpha1"),
                },
            });
            const wiki = made(tracking("wiki:apps/Deployment:default/web"));
            const { problems } = await new Lookups(cluster, []).managersOf(wiki);
            assert.match(problems.join(), /^Application default\/wiki is of ApplicationSet all/);
            const paused = new Lookups(cluster, ["ApplicationSet/default/all"]);
            assert.deepEqual((await paused.managersOf(wiki)).problems, []);
        });
    });

    describe("templates", () => {
        const claim = (name: string) => [{ namespace, name }];

        it("of a StatefulSet name the claims of its ordinals", () => {
            const set = (spec: object): ClusterObject => ({
                metadata: { namespace, name: "web" },
                spec: { replicas: 2, volumeClaimTemplates: [{ metadata: { name: "data" } }], ...spec },
            });
            assert.equal(startsPodsOn(set({}), claim("data-web-1")), true);
            assert.equal(startsPodsOn(set({}), claim("data-web-2")), false);
            assert.equal(startsPodsOn(set({ ordinals: { start: 1 } }), claim("data-web-2")), true);
            assert.equal(startsPodsOn(set({ replicas: 0 }), claim("data-web-0")), false);
        });

        it("of a CronJob count unless it is suspended", () => {
            const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "backup" } }];
            const jobTemplate = { spec: { template: { spec: { containers: [], volumes } } } };
            const cronJob = (suspend: boolean): ClusterObject => ({
                metadata: { namespace, name: "backup" },
                spec: { suspend, jobTemplate },
            });
            assert.equal(startsPodsOn(cronJob(false), claim("backup")), true);
            assert.equal(startsPodsOn(cronJob(true), claim("backup")), false);
            assert.equal(startsPodsOn(cronJob(false), [{ namespace: "other", name: "backup" }]), false);
        });
    });

    it("makes a manifest without what is of the former pod", () => {
        const token = {
            name: "kube-api-access-x7x7x",
            mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
        };
        const data = { name: "data", mountPath: "/data" };
        const pod: V1Pod = {
            metadata: {
                namespace,
                name: "web",
                uid: "1",
                resourceVersion: "2",
                creationTimestamp: new Date(0),
                managedFields: [],
                labels: { app: "web" },
                annotations: { "cni.projectcalico.org/podIP": "10.0.0.1", team: "blue" },
            },
            spec: {
                nodeName: "node-1",
                serviceAccount: "web",
                serviceAccountName: "web",
                priority: 100,
                priorityClassName: "high",
                containers: [{ name: "main", image: "web", volumeMounts: [data, token] }],
                volumes: [
                    { name: "data", persistentVolumeClaim: { claimName: "data" } },
                    { name: token.name, projected: { sources: [] } },
                    { name: "kube-api-access-mine", emptyDir: {} },
                ],
            },
            status: { phase: "Running" },
        };
        assert.deepEqual(manifestOf(pod), {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { namespace, name: "web", labels: { app: "web" }, annotations: { team: "blue" } },
            spec: {
                serviceAccountName: "web",
                priorityClassName: "high",
                containers: [{ name: "main", image: "web", volumeMounts: [data] }],
                volumes: [
                    { name: "data", persistentVolumeClaim: { claimName: "data" } },
                    { name: "kube-api-access-mine", emptyDir: {} },
                ],
            },
        });
    });

    it("gives reasons for pods that aren't ready", () => {
        const reason = (status: V1Pod["status"]) => oddOf({ metadata: { name: "web" }, status })?.reason;
        const ready = [{ type: "Ready", status: "True" }];
        assert.equal(reason({ phase: "Running", conditions: ready }), undefined);
        assert.equal(reason({ phase: "Succeeded" }), undefined);
        assert.equal(reason({ phase: "Pending" }), "it is Pending and not ready");
        const waiting = { reason: "ImagePullBackOff", message: "no such image" };
        const container = { name: "main", image: "", imageID: "", ready: false, restartCount: 0 };
        assert.equal(
            reason({ phase: "Pending", containerStatuses: [{ ...container, state: { waiting } }] }),
            "ImagePullBackOff: no such image",
        );
    });

    it("writes patches and selectors", () => {
        const fields = [
            { path: ["metadata", "annotations", "a/b"], value: "true" },
            { path: ["spec", "suspend"] },
        ];
        assert.deepEqual(mergePatch("1", fields), {
            metadata: { uid: "1", annotations: { "a/b": "true" } },
            spec: { suspend: null },
        });
        assert.equal(fieldOf({ spec: null }, ["spec", "suspend"]), undefined);
        assert.equal(
            selectorText({
                matchLabels: { app: "web" },
                matchExpressions: [
                    { key: "tier", operator: "NotIn", values: ["a", "b"] },
                    { key: "old", operator: "DoesNotExist" },
                ],
            }),
            "app=web,tier notin (a,b),!old",
        );
    });
});
