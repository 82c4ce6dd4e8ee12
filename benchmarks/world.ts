import { DeleteVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { accountOfNodes } from "../sandbox/accounts";
import { kubeConfig } from "../sandbox/controlPlane/kubeConfig";
import { ec2Client, startInstances } from "../sandbox/ec2/instances";
import type { Servers } from "../sandbox/servers";
import { until } from "../sandbox/until";

const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/** Name of the cluster with that many nodes. */
export function clusterOf(nodes: number): string {
    return `nodes-${nodes}.k8s.local`;
}

/** Starts the nodes of a cluster, as instances only: no contestant reads nodes from Kubernetes. */
export async function startNodes(servers: Servers, count: number): Promise<void> {
    const cluster = clusterOf(count);
    const like = { startedBy: "nobody", securityGroup: `nodes.${cluster}` } as const;
    await startInstances(servers, accountOfNodes(cluster, count, zones, like).instances);
}

/** Checks that there are that many volumes, and a PersistentVolume for each. */
export async function checkDisks(servers: Servers, count: number): Promise<void> {
    const { volumes, persistentVolumes } = await disks(servers);
    const handles = persistentVolumes.map(({ spec }) => spec?.csi?.volumeHandle).sort();
    assert.equal(volumes.length, count, `expected ${count} volumes, got ${volumes.length}`);
    assert.deepEqual(handles, volumes.map(({ VolumeId }) => VolumeId).sort());
}

/** Removes all disks for the next run. */
export async function removeDisks(servers: Servers): Promise<void> {
    const ec2 = ec2Client(servers);
    const config = kubeConfig(servers);
    const { volumes } = await disks(servers);
    await config.makeApiClient(CoreV1Api).deleteCollectionPersistentVolume();
    await config.makeApiClient(StorageV1Api).deleteCollectionStorageClass();
    for (const { VolumeId } of volumes) {
        await ec2.send(new DeleteVolumeCommand({ VolumeId }));
    }
    const areGone = async () => (await disks(servers)).persistentVolumes.length === 0 || undefined;
    await until(areGone, "the PersistentVolumes to be gone", 60);
}

async function disks(servers: Servers) {
    // Not those of the nodes themselves, of which there are more than a page has.
    const Filters = [{ Name: "status", Values: ["available"] }];
    const { Volumes = [] } = await ec2Client(servers).send(new DescribeVolumesCommand({ Filters }));
    const { items } = await kubeConfig(servers).makeApiClient(CoreV1Api).listPersistentVolume();
    return { volumes: Volumes, persistentVolumes: items };
}
