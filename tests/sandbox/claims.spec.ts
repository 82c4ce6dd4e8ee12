import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type {
    KubernetesObject,
    V1PersistentVolumeClaim,
    V1Pod,
    V1PodSpec,
    V1StatefulSet,
} from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { VolumeRecord } from "../../components";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { fillAccount, jenkinsOnKops } from "../../sandbox/accounts";
import { standIn } from "../../sandbox/engine";
import { readStack } from "../../sandbox/engine/program";
import { until } from "../../sandbox/until";
import { SandboxReader, zoneOf } from "../../sandbox/readBack";
import type { Servers } from "../../sandbox/servers";
import { claimFindings } from "../../tools/doctor/claimFindings";
import { persistentVolumeFields } from "../../tools/inspect/fields";
import { podsIn } from "../../tools/inspect/pods";
import { bringUp, firstStart, project, startSandbox } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";

describe("claims in the sandbox", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;
    let objects: KubernetesObjectApi;
    let core: CoreV1Api;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox(jenkinsOnKops));
        const config = kubeConfig(servers);
        objects = KubernetesObjectApi.makeApiClient(config);
        core = config.makeApiClient(CoreV1Api);
    });
    after(() => end());

    const apply = (object: KubernetesObject) =>
        objects.patch(
            { ...object, metadata: { namespace, ...object.metadata } },
            undefined,
            undefined,
            "test",
            true,
            PatchStrategy.ServerSideApply,
        );
    const claim = (name: string) => core.readNamespacedPersistentVolumeClaim({ name, namespace });
    const bound = (name: string) =>
        until(
            async () => {
                const found = await claim(name);
                return found.status?.phase === "Bound" ? found : undefined;
            },
            `claim ${name} to be bound`,
            30,
        );
    const running = (name: string) =>
        until(
            async () => {
                const pod = await core.readNamespacedPod({ name, namespace }).catch(() => undefined);
                return pod?.status?.phase === "Running" ? pod : undefined;
            },
            `pod ${name} to run`,
            30,
        );
    const zoneOfNode = async ({ spec }: V1Pod) => {
        const { metadata } = await core.readNode({ name: spec?.nodeName ?? "" });
        return metadata?.labels?.["topology.kubernetes.io/zone"];
    };
    const gone = (read: () => Promise<unknown>, what: string) =>
        until(
            () =>
                read().then(
                    () => undefined,
                    () => true,
                ),
            `${what} to be gone`,
            30,
        );
    const volumesOf = async (name: string, storage: object) => {
        const { errors, outputs } = await bringUp(servers, { cluster, storages: { [name]: storage } });
        assert.deepEqual(errors, []);
        return (outputs.storages as Record<string, { volumes: VolumeRecord[] }>)[name]!.volumes;
    };

    const manifestsOf = (file: string) =>
        parseAllDocuments(readFileSync(join(project, "examples", file), "utf8")).map(
            (one) => one.toJS() as KubernetesObject,
        );
    /** Brings an example up as it is. */
    const example = async (folder: string, storage: string) => {
        const stack = await readStack(join(project, "examples", folder), "dev");
        const { errors, outputs } = await standIn(stack, servers).up(() => undefined);
        assert.deepEqual(errors, []);
        return (outputs.storages as Record<string, { volumes: VolumeRecord[] }>)[storage]!.volumes;
    };

    /** Each pod runs in its own disk's zone; returns the volume of each ordinal. */
    const checkPods = async (volumes: readonly VolumeRecord[]) =>
        Promise.all(
            volumes.map(async ({ ordinal, volumeId, persistentVolumeName }) => {
                const pod = await running(`web-${ordinal}`);
                const { spec } = await bound(`www-web-${ordinal}`);
                assert.equal(spec?.volumeName, persistentVolumeName);
                const [disk] = await new SandboxReader(servers).disks([volumes[ordinal]!]);
                assert.equal(disk?.persistentVolume.spec?.csi?.volumeHandle, volumeId);
                assert.equal(zoneOf(disk.persistentVolume), disk.ec2.zone);
                assert.equal(await zoneOfNode(pod), disk.ec2.zone);
                return volumeId;
            }),
        );

    it("of the tutorial's StatefulSet bind to the disks reserved for them, also when the set is made again", async () => {
        const volumes = await example("statefulset", "web");
        const manifests = manifestsOf("statefulset/web.yaml");
        for (const manifest of manifests) {
            await apply(manifest);
        }
        const before = await checkPods(volumes);

        // The set and its claims are deleted: the PersistentVolumes are Released, and stay so for a new claim.
        const [, set] = manifests;
        await objects.delete({ ...set, metadata: { ...set?.metadata, namespace } });
        for (const { ordinal } of volumes) {
            await gone(
                () => core.readNamespacedPod({ name: `web-${ordinal}`, namespace }),
                `pod web-${ordinal}`,
            );
            await core.deleteNamespacedPersistentVolumeClaim({ name: `www-web-${ordinal}`, namespace });
            await gone(() => claim(`www-web-${ordinal}`), `claim www-web-${ordinal}`);
        }
        const phases = async () => {
            const found = await new SandboxReader(servers).persistentVolumes();
            return [...new Set(found.map(({ status }) => status?.phase))].join();
        };
        await until(
            async () => ((await phases()) === "Released" ? true : undefined),
            "all to be Released",
            30,
        );

        // The steps of docs/claims.md, for each.
        const page = readFileSync(join(project, "docs", "claims.md"), "utf8");
        const [, patch] = /kubectl patch pv\/\S+ --type=json --patch='(.*)'/.exec(page) ?? [];
        for (const { persistentVolumeName: name } of volumes) {
            await core.patchPersistentVolume({ name, body: JSON.parse(patch!) as object });
        }
        await until(
            async () => ((await phases()) === "Available" ? true : undefined),
            "all to be Available",
            30,
        );
        await apply(set!);
        assert.deepEqual(await checkPods(volumes), before, "each pod has its old disk");
    });

    it("of a set with the page's spread constraints are used as the set shrinks and grows; DoNotSchedule leaves pods Pending", async () => {
        const page = readFileSync(join(project, "docs", "nodes.md"), "utf8");
        const [block = ""] = /^topologySpreadConstraints:\n(?: .*\n)+/m.exec(page) ?? [];
        const { topologySpreadConstraints } = parse(block) as Pick<V1PodSpec, "topologySpreadConstraints">;
        const instances = [{ cluster: cluster.name, role: "node" as const, zone: "eu-west-1a" }];
        await fillAccount(servers, { cluster: cluster.name, instances });
        const [, set] = manifestsOf("statefulset/web.yaml") as [KubernetesObject, V1StatefulSet];
        const scaled = async (replicas: number, constraints: V1PodSpec["topologySpreadConstraints"]) => {
            const made = structuredClone(set);
            made.spec!.replicas = replicas;
            made.spec!.template.spec!.topologySpreadConstraints = constraints;
            await apply(made);
            await until(
                async () => {
                    const { items } = await core.listNamespacedPod({ namespace, labelSelector: "app=nginx" });
                    return items.length <= replicas || undefined;
                },
                "the set to shrink",
                60,
            );
        };
        const zones = async (count: number) =>
            Promise.all(
                Array.from({ length: count }, async (_, ordinal) =>
                    zoneOfNode(await running(`web-${ordinal}`)),
                ),
            );
        await scaled(0, topologySpreadConstraints);
        await scaled(5, topologySpreadConstraints);
        const before = await zones(5);
        assert.deepEqual([...new Set(before)].sort(), ["eu-west-1b", "eu-west-1c"]);
        await scaled(2, topologySpreadConstraints);
        await scaled(5, topologySpreadConstraints);
        assert.deepEqual(await zones(5), before);

        const insisting = topologySpreadConstraints?.slice(0, 1).map((one) => ({
            ...one,
            whenUnsatisfiable: "DoNotSchedule",
        }));
        await scaled(0, insisting);
        await scaled(5, insisting);
        assert.deepEqual(await zones(2), before.slice(0, 2));
        await until(
            async () => {
                const pod = await core.readNamespacedPod({ name: "web-2", namespace }).catch(() => undefined);
                const why = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled")?.message;
                return why?.includes("didn't match pod topology spread constraints") || undefined;
            },
            "web-2 to be Pending",
            30,
        );
    });

    it("are created by name and bound, and their pod runs in the volume's zone", async () => {
        const [volume] = await example("named-claim", "peticion");
        const { spec } = await claim("mi-peticion");
        assert.equal(spec?.volumeName, volume!.persistentVolumeName);
        const [pod] = manifestsOf("named-claim/pod.yaml");
        await apply(pod!);
        assert.equal(await zoneOfNode(await running("mi-pod")), volume!.zone);
    });

    it("stay Pending with the wrong name, size or access mode, and an event tells that they wait", async () => {
        await volumesOf("reserved", { count: 1, volume: { sizeGiB: 2 }, claims: { names: ["right"] } });
        const wrong: [string, string, string][] = [
            ["wrong-name", "1Gi", "ReadWriteOnce"],
            ["right", "3Gi", "ReadWriteOnce"],
            ["right", "1Gi", "ReadWriteMany"],
        ];
        for (const [name, storage, mode] of wrong) {
            await createClaim(name, "reserved", storage, mode);
            const { metadata } = await claim(name);
            await until(
                async () => {
                    const fieldSelector = `involvedObject.uid=${metadata?.uid}`;
                    const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
                    return items.some(({ reason }) => reason === "WaitForFirstConsumer") ? true : undefined;
                },
                `an event of claim ${name}`,
                30,
            );
            assert.equal((await claim(name)).status?.phase, "Pending");
            await core.deleteNamespacedPersistentVolumeClaim({ name, namespace });
            await gone(() => claim(name), `claim ${name}`);
        }
    });

    it("bind to their disk by name, whatever class they have", async () => {
        await createClaim("right", "web", "1Gi", "ReadWriteOnce");
        assert.equal((await bound("right")).spec?.volumeName, "reserved-0");
    });

    it("leave a Failed PersistentVolume if its reclaim policy is Recycle, and the doctor's command frees it", async () => {
        const name = "reserved-0";
        const read = () => core.readPersistentVolume({ name });
        const inPhase = (phase: string) =>
            until(
                async () => ((await read()).status?.phase === phase ? true : undefined),
                `PersistentVolume ${name} to be ${phase}`,
                30,
            );
        const policy = { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Recycle" };
        await core.patchPersistentVolume({ name, body: [policy] });
        await core.deleteNamespacedPersistentVolumeClaim({ name: "right", namespace });
        await inPhase("Failed");

        const [finding] = claimFindings({
            persistentVolumes: [persistentVolumeFields(await read())],
            claims: [],
            pods: podsIn([]),
        });
        assert.match(
            finding!.what,
            /^PersistentVolume reserved-0 is Failed: its claim default\/right was deleted, and Kubernetes could not do what reclaim policy Recycle says \(No recycler plugin found for the volume!\)$/,
        );
        const [, patch = ""] =
            /^kubectl patch pv\/reserved-0 --type=json --patch='(.*)'$/.exec(finding!.mend[0]!) ?? [];
        await core.patchPersistentVolume({ name, body: JSON.parse(patch) as object });
        await inPhase("Available");
        assert.equal((await read()).spec?.persistentVolumeReclaimPolicy, "Retain");
    });

    const createClaim = (name: string, storageClassName: string, storage: string, mode: string) => {
        const body: V1PersistentVolumeClaim = {
            metadata: { name },
            spec: { storageClassName, accessModes: [mode], resources: { requests: { storage } } },
        };
        return core.createNamespacedPersistentVolumeClaim({ namespace, body });
    };
});
