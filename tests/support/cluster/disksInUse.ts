import type { V1StatefulSet } from "@kubernetes/client-node";
import type { Servers } from "../../../sandbox/servers";
import { attachVolumes } from "./attachments";
import { containerWith, DiskCluster, driverZoneLabel, namespace, zoneLabel } from "./diskCluster";
import type { DiskInUse } from "./diskCluster";
import { makeByHand } from "./handMadeDisk";
import { makeStorageClass, provision } from "./provisionedDisk";
import type { DriverSetup } from "./provisionedDisk";

export { attachVolumes } from "./attachments";
export type { DiskInUse } from "./diskCluster";
export { oddDisk } from "./oddDisk";
export type { OddDisk } from "./oddDisk";
export { syncProvisioner } from "./provisionedDisk";
export { usage } from "./usage";
export type { Usage } from "./usage";

/** Claims of the script-made disks, each with the topology key in its PersistentVolume's node affinity. */
const jenkinsClaims = [
    ["jenkins-home", zoneLabel],
    ["jenkins-builds", undefined],
    ["jenkins-cache", driverZoneLabel],
] as const;

/**
 * The three disks of scenario S1 as the script leaves them, each with a claim and a bare pod of the claim's name:
 * `manual-ebs-01` and `-02` in the first zone, `-03` in the last. The first was made by `kubectl apply`, the others by
 * `kubectl create`. The node affinity of the first has Kubernetes' topology key, that of the third the driver's; the second
 * has none.
 */
export async function scriptMadeDisks(
    servers: Servers,
    { cluster: clusterName }: { readonly cluster: string },
): Promise<DiskInUse[]> {
    const cluster = new DiskCluster(servers);
    await cluster.labelNodes();
    const zones = await cluster.zones();
    const disks: DiskInUse[] = [];
    // One after the other: a claim is bound to any PersistentVolume of its class that is Available.
    for (const [index, [claim, topologyKey]] of jenkinsClaims.entries()) {
        disks.push(
            await makeByHand(cluster, {
                name: `manual-ebs-0${index + 1}`,
                zone: (index < 2 ? zones[0] : zones.at(-1))!,
                claim,
                className: "manual-ebs",
                tags: { KubernetesCluster: clusterName },
                ...(topologyKey !== undefined && { topologyKey }),
                madeBy: index === 0 ? "apply" : "create",
            }),
        );
    }
    await attachVolumes(servers);
    return disks;
}

/** A StatefulSet whose disks the EBS CSI driver has provisioned. */
export interface ProvisionedSet extends DriverSetup {
    readonly statefulSet: string;
    /** Name of its claim template. */
    readonly template: string;
    readonly replicas: number;
    /** Of each claim. Defaults to 1. */
    readonly sizeGiB?: number;
}

/**
 * A StatefulSet with disks as the EBS CSI driver and its provisioner make them, all pods running. The disks are in the
 * order of the ordinals. The class is created if it is missing.
 */
export async function provisionedDisks(servers: Servers, set: ProvisionedSet): Promise<DiskInUse[]> {
    const cluster = new DiskCluster(servers);
    await cluster.labelNodes();
    await makeStorageClass(cluster, set);
    const body = statefulSetOf(set);
    await cluster.apps.createNamespacedStatefulSet({ namespace, body, fieldManager: "kubectl-create" });
    const pods = Array.from({ length: set.replicas }, (_, ordinal) => `${set.statefulSet}-${ordinal}`);
    const disks = await provision(cluster, set, new Map(pods.map((pod) => [`${set.template}-${pod}`, pod])));
    await attachVolumes(servers);
    return disks;
}

/** A StatefulSet of one claim template. Its pods start at the same time, which is quicker. */
export function statefulSetOf({
    statefulSet,
    template,
    replicas,
    className,
    sizeGiB = 1,
}: Omit<ProvisionedSet, "cluster">): V1StatefulSet {
    const labels = { app: statefulSet };
    return {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: statefulSet },
        spec: {
            serviceName: statefulSet,
            replicas,
            podManagementPolicy: "Parallel",
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [containerWith(template)] } },
            volumeClaimTemplates: [
                {
                    metadata: { name: template },
                    spec: {
                        accessModes: ["ReadWriteOnce"],
                        storageClassName: className,
                        resources: { requests: { storage: `${sizeGiB}Gi` } },
                    },
                },
            ],
        },
    };
}
