import { CoreV1Api } from "@kubernetes/client-node";
import type { V1Node } from "@kubernetes/client-node";
import type { Instance } from "../ec2/instances";
import { until } from "../until";
import { kubeConfig } from "./kubeConfig";

/** Most requests at a time. */
const maxParallelRequests = 16;

/** Creates Node objects for instances, as a cloud controller would, and waits until all are ready. */
export async function makeNodes(
    kubeconfig: string,
    region: string,
    instances: readonly Instance[],
): Promise<void> {
    if (instances.length === 0) {
        return;
    }
    const api = kubeConfig({ kubeconfig }).makeApiClient(CoreV1Api);
    const waiting = [...instances];
    const work = async () => {
        for (let instance = waiting.shift(); instance !== undefined; instance = waiting.shift()) {
            await api.createNode({ body: nodeOf(instance, region) });
        }
    };
    await Promise.all(Array.from({ length: maxParallelRequests }, work));

    const names = new Set(instances.map(({ privateDnsName }) => privateDnsName));
    const allReady = async () => {
        const ready = (await api.listNode()).items
            .filter(isReady)
            .map(({ metadata }) => metadata?.name ?? "");
        return ready.filter((name) => names.has(name)).length === names.size || undefined;
    };
    await until(allReady, `${names.size} nodes to be ready`, 60);
}

function isReady({ status }: V1Node): boolean {
    return (
        status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ??
        false
    );
}

function nodeOf({ id, privateDnsName, group }: Instance, region: string): V1Node {
    const roleLabel = `node-role.kubernetes.io/${group.role === "node" ? "node" : "control-plane"}`;
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name: privateDnsName,
            labels: {
                "kubernetes.io/hostname": privateDnsName,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": group.instanceType ?? "t3.medium",
                [roleLabel]: "",
                "topology.kubernetes.io/region": region,
                "topology.kubernetes.io/zone": group.zone,
            },
        },
        spec: {
            providerID: `aws:///${group.zone}/${id}`,
            ...(group.role === "master" && { taints: [{ key: roleLabel, effect: "NoSchedule" }] }),
        },
    };
}
