import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import { undefinedIfNotFound } from "../tools/inspect/errors";
import { kubeConfig } from "./controlPlane/kubeConfig";
import { ec2Client } from "./ec2/instances";
import { SandboxReader } from "./readBack";
import type { Servers } from "./servers";

/** Simulates a zone's failure: terminates its instances, and deletes their nodes and pods. */
export async function failZone(servers: Servers, zone: string): Promise<void> {
    const instances = (await new SandboxReader(servers).instances()).filter(
        ({ Placement, State }) => Placement?.AvailabilityZone === zone && State?.Name === "running",
    );
    const InstanceIds = instances.map(({ InstanceId }) => String(InstanceId));
    await ec2Client(servers).send(new TerminateInstancesCommand({ InstanceIds }));
    const core = kubeConfig(servers).makeApiClient(CoreV1Api);
    const names = new Set<string | undefined>(instances.map(({ PrivateDnsName }) => PrivateDnsName));
    const pods = (await core.listPodForAllNamespaces()).items.filter(({ spec }) => names.has(spec?.nodeName));
    const nodes = (await core.listNode()).items.filter(({ metadata }) => names.has(metadata?.name));
    await Promise.all(nodes.map(({ metadata }) => core.deleteNode({ name: String(metadata?.name) })));
    // Without a kubelet nothing reports the pods as ended. One may have ended by itself.
    await Promise.all(
        pods.map(({ metadata }) =>
            undefinedIfNotFound(
                core.deleteNamespacedPod({
                    name: String(metadata?.name),
                    namespace: String(metadata?.namespace),
                    gracePeriodSeconds: 0,
                }),
            ),
        ),
    );
}
