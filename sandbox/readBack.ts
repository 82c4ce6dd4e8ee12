import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, Instance } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import type { VolumeRecord } from "../components";
import { kubeConfig } from "./controlPlane/kubeConfig";
import { ec2Client } from "./ec2/instances";
import type { Servers } from "./servers";

/** A disk: what the stack says of it, and what EC2 and Kubernetes themselves say. */
export interface ReadDisk {
    readonly record: VolumeRecord;
    readonly ec2: { readonly zone: string; readonly sizeGiB: number; readonly type: string };
    readonly persistentVolume: V1PersistentVolume;
}

/** What the sandbox's servers hold, asked of their own APIs. */
export class ReadBack {
    private readonly ec2: EC2Client;
    private readonly kubernetes: CoreV1Api;

    public constructor(servers: Servers) {
        this.ec2 = ec2Client(servers);
        this.kubernetes = kubeConfig(servers).makeApiClient(CoreV1Api);
    }

    /** Every instance of the account, whatever its state. */
    public async instances(): Promise<Instance[]> {
        const { Reservations = [] } = await this.ec2.send(new DescribeInstancesCommand({}));
        return Reservations.flatMap(({ Instances = [] }) => Instances);
    }

    /** Ids of every EBS volume that isn't an instance's root disk. */
    public async volumeIds(): Promise<string[]> {
        const { Volumes = [] } = await this.ec2.send(new DescribeVolumesCommand({}));
        return Volumes.filter(({ Attachments = [] }) => Attachments.length === 0).map(({ VolumeId }) =>
            String(VolumeId),
        );
    }

    /** Every PersistentVolume of the cluster. */
    public async persistentVolumes(): Promise<V1PersistentVolume[]> {
        return (await this.kubernetes.listPersistentVolume()).items;
    }

    /** The disks that a stack says it has. */
    public disks(records: readonly VolumeRecord[]): Promise<ReadDisk[]> {
        return Promise.all(
            records.map(async (record) => {
                const [{ Volumes = [] }, persistentVolume] = await Promise.all([
                    this.ec2.send(new DescribeVolumesCommand({ VolumeIds: [record.volumeId] })),
                    this.kubernetes.readPersistentVolume({ name: record.persistentVolumeName }),
                ]);
                const [volume] = Volumes;
                const ec2 = {
                    zone: volume?.AvailabilityZone ?? "",
                    sizeGiB: volume?.Size ?? 0,
                    type: volume?.VolumeType ?? "",
                };
                return { record, ec2, persistentVolume };
            }),
        );
    }
}

/** Zone that a PersistentVolume's node affinity asks for. */
export function zoneOf({ spec }: V1PersistentVolume): string {
    const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    return terms
        .flatMap(({ matchExpressions = [] }) => matchExpressions.flatMap(({ values = [] }) => values))
        .join(",");
}

/** What keeps a disk from being usable as it is, in words; nothing if it is fine. */
export function faults({ record, ec2, persistentVolume }: ReadDisk): string[] {
    const { name } = persistentVolume.metadata ?? {};
    const phase = persistentVolume.status?.phase;
    const handle = persistentVolume.spec?.csi?.volumeHandle;
    return [
        ...(phase === "Available" ? [] : [`${name} is ${phase}, not Available`]),
        ...(handle === record.volumeId ? [] : [`${name} points at ${handle}, not at ${record.volumeId}`]),
        ...(zoneOf(persistentVolume) === ec2.zone
            ? []
            : [`${name} is for ${zoneOf(persistentVolume)}, its volume is in ${ec2.zone}`]),
    ];
}
