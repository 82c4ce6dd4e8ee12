import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, Instance } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import type { VolumeRecord } from "../components";
import { kubeConfig } from "./controlPlane/kubeConfig";
import { ec2Client } from "./ec2/instances";
import type { Servers } from "./servers";

/** A disk in the stack's outputs, in EC2 and in Kubernetes. */
export interface DiskDetails {
    readonly record: VolumeRecord;
    readonly ec2: { readonly zone: string; readonly sizeGiB: number; readonly type: string };
    readonly persistentVolume: V1PersistentVolume;
}

/** Reads the sandbox's servers by their APIs. */
export class SandboxReader {
    private readonly ec2: EC2Client;
    private readonly kubernetes: CoreV1Api;

    public constructor(servers: Servers) {
        this.ec2 = ec2Client(servers);
        this.kubernetes = kubeConfig(servers).makeApiClient(CoreV1Api);
    }

    /** All instances of the account, in any state. */
    public async instances(): Promise<Instance[]> {
        const { Reservations = [] } = await this.ec2.send(new DescribeInstancesCommand({}));
        return Reservations.flatMap(({ Instances = [] }) => Instances);
    }

    /** Ids of all unattached EBS volumes. */
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

    /** Reads the disks of a stack's outputs. */
    public disks(records: readonly VolumeRecord[]): Promise<DiskDetails[]> {
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

/** Zone in a PersistentVolume's node affinity. */
export function zoneOf({ spec }: V1PersistentVolume): string {
    const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    return terms
        .flatMap(({ matchExpressions = [] }) => matchExpressions.flatMap(({ values = [] }) => values))
        .join(",");
}

/** Problems of a disk; empty if it is usable. */
export function diskProblems({ record, ec2, persistentVolume }: DiskDetails): string[] {
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
