import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { runKey, runOfName } from "../../../tools/acceptance/runIds";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { Servers } from "../../../sandbox/servers";

/** Kinds of leftovers of acceptance runs, found independently of the tool's search: by name, or any value of tag or label. */
export async function leftovers(servers: Servers): Promise<string[]> {
    const ec2 = ec2Client(servers);
    const config = kubeConfig(servers);
    const [core, storage] = [config.makeApiClient(CoreV1Api), config.makeApiClient(StorageV1Api)];
    const Filters = [{ Name: "tag-key", Values: [runKey] }];
    const [{ Volumes = [] }, { Snapshots = [] }, namespaces, persistentVolumes, classes] = await Promise.all([
        ec2.send(new DescribeVolumesCommand({ Filters })),
        ec2.send(new DescribeSnapshotsCommand({ Filters, OwnerIds: ["self"] })),
        core.listNamespace(),
        core.listPersistentVolume(),
        storage.listStorageClass(),
    ]);
    const named = (kind: string, { items }: { items: { metadata?: { name?: string } }[] }) =>
        items
            .filter(({ metadata }) => runOfName((metadata?.name ?? "").replace(/-\d$/, "")) !== undefined)
            .map(() => kind);
    return [
        ...Volumes.map(() => "volume"),
        ...Snapshots.map(() => "snapshot"),
        ...named("namespace", namespaces),
        ...named("PersistentVolume", persistentVolumes),
        ...named("StorageClass", classes),
    ];
}
