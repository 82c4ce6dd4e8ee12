import { StopInstancesCommand } from "@aws-sdk/client-ec2";
import { KubeConfig } from "@kubernetes/client-node";
import type { V1Taint } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { nodeKinds } from "../../permissions/nodeRights";
import { clientsOf } from "../../sandbox/clients";
import { stopProcesses } from "../../sandbox/processes";
import { until } from "../../sandbox/until";
import type { Clients } from "../../tools/inspect/clients";
import { podsIn } from "../../tools/inspect/pods";
import { waitUntilDetached } from "../../tools/nodes/detached";
import type { DetachProgress } from "../../tools/nodes/detached";
import { forceDeletePods } from "../../tools/nodes/forcedPods";
import type { PodIdentity } from "../../tools/nodes/forcedPods";
import { lostNodes } from "../../tools/nodes/lostNodes";
import { backInService, takeOutOfService } from "../../tools/nodes/outOfService";
import { readPlaces } from "../../tools/nodes/place";
import { ClusterUser } from "../support/cluster/clusterUser";
import { DiskCluster, namespace } from "../support/cluster/diskCluster";
import { makeByHand } from "../support/cluster/handMadeDisk";
import { SimulatedAttacher, startLostNodeControllers } from "../support/cluster/lostNodeControllers";
import { firstStart, startOwnSandbox } from "../support/cluster/sandbox";
import type { Sandbox } from "../support/cluster/sandbox";

const cluster = "proyecto.k8s.local";
const region = "eu-west-1";
const [stopped, running, untouched] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] as const;
const claims = { [stopped]: "lost", [running]: "unreachable" };
const other: V1Taint = { key: "team", value: "x", effect: "PreferNoSchedule" };

/**
 * Two nodes aren't ready any more, of which one's instance is stopped and the other's runs. Kubernetes' own controllers
 * delete pods and VolumeAttachments. The CSI driver is simulated; kwok, which stands in for the kubelets, is ended: it
 * would report the nodes as ready and the pods as ended.
 */
describe("lost nodes", function () {
    this.timeout(180_000);

    let sandbox: Sandbox;
    let disks: DiskCluster;
    let clients: Clients;
    let attacher: SimulatedAttacher;
    const nodes: Record<string, string> = {};

    before(async function () {
        this.timeout(firstStart);
        sandbox = await startOwnSandbox({
            cluster,
            instances: [stopped, running, untouched].map((zone) => ({ cluster, role: "node", zone })),
        });
        disks = new DiskCluster(sandbox.servers);
        for (const { metadata } of (await disks.core.listNode()).items) {
            const name = String(metadata?.name);
            nodes[metadata?.labels?.["topology.kubernetes.io/zone"] ?? ""] = name;
            // As the kubelet does: without it, the controller attaches nothing to the node.
            const path = "/metadata/annotations/volumes.kubernetes.io~1controller-managed-attach-detach";
            const body = [
                ...(metadata?.annotations ? [] : [{ op: "add", path: "/metadata/annotations", value: {} }]),
                { op: "add", path, value: "true" },
            ];
            await disks.core.patchNode({ name, body });
            const driver = {
                name: "ebs.csi.aws.com",
                nodeID: name,
                topologyKeys: [],
                allocatable: { count: 3 },
            };
            await disks.storage.createCSINode({ body: { metadata: { name }, spec: { drivers: [driver] } } });
        }
        await startLostNodeControllers(sandbox);
        attacher = new SimulatedAttacher(sandbox);
        for (const [zone, claim] of Object.entries(claims)) {
            await makeByHand(disks, {
                name: `pv-${claim}`,
                zone,
                claim,
                tags: { KubernetesCluster: cluster },
                className: "none",
            });
        }
        await until(async () => (await attachedTo()).length === 2 || undefined, "attachments", 60);

        const user = await ClusterUser.of(sandbox.servers);
        const ofUser = new KubeConfig();
        ofUser.loadFromString(user.kubeconfig);
        clients = { ...clientsOf(sandbox.servers), kubeConfig: () => ofUser };
        await assert.rejects(readPlaces(clients, nothing), {
            message: "the kubeconfig's user may not list nodes: give it this right",
        });
        await user.allow(nodeKinds);
        await until(() => readPlaces(clients, nothing).catch(() => undefined), "the user's rights", 30);
    });
    after(async () => {
        await attacher.stop();
        await sandbox.end();
    });

    const nothing = { persistentVolumes: [], pods: podsIn([]) };
    const attachedTo = async () =>
        (await disks.storage.listVolumeAttachment()).items
            .filter(({ status }) => status?.attached)
            .map(({ spec }) => spec.nodeName);
    const taintsOf = async (zone: string) =>
        ((await disks.core.readNode({ name: nodes[zone]! })).spec?.taints ?? []).map(
            ({ key, value, effect }) => `${key}=${value}:${effect}`,
        );
    const podNamed = async (name: string): Promise<PodIdentity> => {
        const { metadata } = await disks.core.readNamespacedPod({ name, namespace });
        return { namespace, name, uid: String(metadata?.uid) };
    };
    const podNames = async () =>
        (await disks.core.listNamespacedPod({ namespace })).items.map(({ metadata }) => metadata?.name);

    it("are none while all nodes are ready; places tell their slots", async () => {
        assert.deepEqual(await lostNodes(clients, undefined, region), { lost: [], unreachable: [] });
        const places = await readPlaces(clients, nothing);
        const seen = places.map(({ zone, isReady, freeSlots }) => [zone, isReady, freeSlots]);
        assert.deepEqual(seen.sort(), [
            [stopped, true, 2],
            [running, true, 2],
            [untouched, true, 3],
        ]);
        await assert.rejects(takeOutOfService(clients, [nodes[stopped]!], region), {
            message: `no node was taken out of service: node ${nodes[stopped]} is ready`,
        });
    });

    it("are those whose instance doesn't run", async () => {
        await stopProcesses(sandbox.directory, ["kwok"]);
        for (const zone of [stopped, running]) {
            const name = nodes[zone]!;
            const { status, volumes } = await until(
                async () => {
                    const { status } = await disks.core.readNode({ name });
                    const volumes = status?.volumesAttached?.map((one) => one.name);
                    return volumes?.length === 1 ? { status, volumes } : undefined;
                },
                "the volume in the node's status",
                60,
            );
            const index = status?.conditions?.findIndex(({ type }) => type === "Ready");
            const body = [
                { op: "add", path: `/status/conditions/${index}/status`, value: "Unknown" },
                // The last report of the kubelet: the volume is mounted.
                { op: "add", path: "/status/volumesInUse", value: volumes },
            ];
            await disks.core.patchNodeStatus({ name, body });
        }
        const node = await disks.core.readNode({ name: nodes[stopped]! });
        const instance = String(node.spec?.providerID?.split("/").at(-1));
        await disks.ec2.send(new StopInstancesCommand({ InstanceIds: [instance] }));
        await disks.core.patchNode({
            name: nodes[stopped]!,
            body: [{ op: "add", path: "/spec/taints", value: [other] }],
        });

        const { lost, unreachable } = await lostNodes(clients, undefined, region);
        assert.deepEqual(
            lost.map(({ name, zone, instanceId }) => ({ name, zone, instanceId })),
            [{ name: nodes[stopped], zone: stopped, instanceId: instance }],
        );
        assert.match(lost[0]?.state ?? "", /^stopp(ing|ed)$/);
        assert.deepEqual(
            unreachable.map(({ name }) => name),
            [nodes[running]],
        );
        assert.match(
            unreachable[0]?.message ?? "",
            /its instance i-\w+ is running: its pods may still write/,
        );
        assert.deepEqual(await lostNodes(clients, untouched, region), { lost: [], unreachable: [] });
    });

    it("aren't any if EC2 knows none of the instances", () =>
        assert.rejects(lostNodes(clients, undefined, "us-east-1"), {
            message: /^EC2 knows none of the cluster's 3 instances in us-east-1: most likely this is another/,
        }));

    it("keep their pods and volumes while Kubernetes doesn't know", async () => {
        const told: DetachProgress[] = [];
        await disks.core.deleteNamespacedPod({ name: claims[stopped], namespace });
        await assert.rejects(
            waitUntilDetached(clients, ["pv-lost", "pv-none"], 3, (one) => told.push(one)),
            {
                message: `still attached after 3 s:\n- pv-lost on node ${nodes[stopped]}, which isn't ready: its pods and volumes wait until it is, or until it is out of service: stop its instance, and run the command again`,
            },
        );
        assert.deepEqual(told, [{ left: ["pv-lost"], total: 2 }]);
        assert.deepEqual((await podNames()).sort(), ["lost", "unreachable"]);
        await assert.rejects(
            forceDeletePods(clients, [await podNamed(claims[stopped])]),
            /^Error: no pod was deleted by force: default\/lost on \S+ may still run/,
        );
    });

    it("aren't taken out of service together with one whose instance runs", async () => {
        await assert.rejects(
            takeOutOfService(clients, [nodes[stopped]!, nodes[running]!], region),
            /^Error: no node was taken out of service: node \S+ isn't ready, but its instance i-\w+ is running/,
        );
        assert.deepEqual(await taintsOf(stopped), ["team=x:PreferNoSchedule"]);
        assert.deepEqual(await taintsOf(running), []);
    });

    it("lose their pods and volumes once they are out of service", async () => {
        const pod = await podNamed(claims[stopped]);
        const names = [nodes[stopped]!, "gone"];
        await Promise.all([
            takeOutOfService(clients, names, region),
            takeOutOfService(clients, names, region),
        ]);
        await takeOutOfService(clients, names, region);
        assert.deepEqual(await taintsOf(stopped), [
            "team=x:PreferNoSchedule",
            "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        ]);
        const started = Date.now();
        await forceDeletePods(clients, [pod]);
        const told: DetachProgress[] = [];
        await waitUntilDetached(clients, ["pv-lost"], 120, (one) => told.push(one));
        assert.ok(Date.now() - started < 60_000, "at once, not after 6 minutes");
        assert.deepEqual(told.at(-1), { left: [], total: 1 });
        assert.deepEqual(await attachedTo(), [nodes[running]]);
        assert.deepEqual(await podNames(), ["unreachable"]);
    });

    it("lose pods that nobody deletes, too: Kubernetes' controllers do", async () => {
        const name = "unnoticed";
        const body = {
            metadata: { name },
            spec: { nodeName: nodes[stopped], containers: [{ name: "main", image: "nginx" }] },
        };
        await disks.core.createNamespacedPod({ namespace, body });
        await until(async () => !(await podNames()).includes(name) || undefined, "the pod's deletion", 60);
    });

    it("are back in service without that taint, and with all others", async () => {
        await backInService(clients, [nodes[stopped]!, nodes[running]!, "gone"]);
        await backInService(clients, [nodes[stopped]!]);
        assert.deepEqual(await taintsOf(stopped), ["team=x:PreferNoSchedule"]);
    });

    it("keep volumes that no pod uses any more if they aren't out of service", async () => {
        await disks.core.deleteNamespacedPod({ name: claims[running], namespace, gracePeriodSeconds: 0 });
        assert.deepEqual(await podNames(), []);
        await assert.rejects(
            waitUntilDetached(clients, ["pv-unreachable"], 5, () => undefined),
            /pv-unreachable on node \S+, which isn't ready: its pods and volumes wait until it is/,
        );
    });

    it("may be gone: only the very pods are deleted by force", async () => {
        const name = "spare";
        const containers = [{ name: "main", image: "nginx" }];
        const body = { metadata: { name }, spec: { nodeName: nodes[running], containers } };
        await disks.core.createNamespacedPod({ namespace, body });
        const pod = await podNamed(name);
        await assert.rejects(forceDeletePods(clients, [pod]), /may still run/);
        await disks.core.deleteNode({ name: nodes[running]! });
        await forceDeletePods(clients, [{ ...pod, uid: "00000000-0000-0000-0000-000000000000" }]);
        assert.deepEqual(await podNames(), [name]);
        await forceDeletePods(clients, [pod]);
        await forceDeletePods(clients, [pod]);
        assert.deepEqual(await podNames(), []);
        await assert.rejects(
            waitUntilDetached(clients, ["pv-unreachable"], 0, () => undefined),
            /pv-unreachable on node \S+, which is gone: Kubernetes detaches its volumes about 6 minutes after/,
        );
    });
});
