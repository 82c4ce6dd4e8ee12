import { CopyVolumesCommand, CreateVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { CreateVolumeCommandInput, EC2Client, Volume } from "@aws-sdk/client-ec2";
import { AppsV1Api, CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { V1Container, V1Node, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";

/** Namespace of all claims and pods. */
export const namespace = "default";

/** Node label and topology key that Kubernetes defines. */
export const zoneLabel = "topology.kubernetes.io/zone";

/** Node label and topology key of the EBS CSI driver. */
export const driverZoneLabel = "topology.ebs.csi.aws.com/zone";

/** For every wait: many times what a slow machine needs. */
export const timeoutSeconds = 120;

/** An EBS volume with its PersistentVolume, and the claim and pod that use it. */
export interface DiskInUse {
    readonly persistentVolume: string;
    readonly volumeId: string;
    /** Zone of the volume. */
    readonly zone: string;
    /** Undefined if no claim is bound to it. */
    readonly claim?: string;
    /** Undefined if no pod uses it. */
    readonly pod?: string;
}

/** Creates volumes and objects in the sandbox, and waits for them. */
export class DiskCluster {
    public readonly ec2: EC2Client;
    public readonly core: CoreV1Api;
    public readonly apps: AppsV1Api;
    public readonly storage: StorageV1Api;

    public constructor(servers: Servers) {
        const config = kubeConfig(servers);
        this.ec2 = ec2Client(servers);
        this.core = config.makeApiClient(CoreV1Api);
        this.apps = config.makeApiClient(AppsV1Api);
        this.storage = config.makeApiClient(StorageV1Api);
    }

    /** Sorted zones of the nodes that take pods. */
    public async zones(): Promise<string[]> {
        const { items } = await this.core.listNode();
        const taking = items.filter(({ spec }) => (spec?.taints ?? []).length === 0);
        return [...new Set(taking.map(zoneOfNode))].sort();
    }

    /**
     * Gives each node the label that the driver's node plugin reports and the kubelet sets (NodeGetInfo in
     * pkg/driver/node.go of aws-ebs-csi-driver 429e202e, read on 2026-11-27).
     */
    public async labelNodes(): Promise<void> {
        const { items } = await this.core.listNode();
        await Promise.all(
            items.map((node) => {
                const path = `/metadata/labels/${driverZoneLabel.replace("/", "~1")}`;
                const body = [{ op: "add", path, value: zoneOfNode(node) }];
                return this.core.patchNode({ name: String(node.metadata?.name), body });
            }),
        );
    }

    /** Creates a volume, waits until it is available, and returns its id. */
    public async createVolume(
        input: Omit<CreateVolumeCommandInput, "TagSpecifications">,
        tags: Readonly<Record<string, string>>,
    ): Promise<string> {
        const TagSpecifications = volumeTags(tags);
        const { VolumeId } = await this.ec2.send(new CreateVolumeCommand({ ...input, TagSpecifications }));
        return this.available(String(VolumeId));
    }

    /** The same with a volume that EC2 makes as a copy of another one. */
    public async copyVolume(SourceVolumeId: string, tags: Readonly<Record<string, string>>): Promise<string> {
        const TagSpecifications = volumeTags(tags);
        const asked = new CopyVolumesCommand({ SourceVolumeId, TagSpecifications });
        const { Volumes = [] } = await this.ec2.send(asked);
        return this.available(String(Volumes[0]?.VolumeId));
    }

    private async available(id: string): Promise<string> {
        const available = async () =>
            (await this.volumes([id])).some(({ State }) => State === "available") || undefined;
        await until(available, `volume ${id} to be available`, timeoutSeconds);
        return id;
    }

    /** All volumes, or those of the ids. */
    public async volumes(VolumeIds?: string[]): Promise<Volume[]> {
        return (await this.ec2.send(new DescribeVolumesCommand({ VolumeIds }))).Volumes ?? [];
    }

    /** Waits until a PersistentVolume is in a phase. */
    public async inPhase(name: string, phase: "Available" | "Bound" | "Released"): Promise<void> {
        const reached = async () =>
            (await this.core.readPersistentVolume({ name })).status?.phase === phase || undefined;
        await until(reached, `PersistentVolume ${name} to be ${phase}`, timeoutSeconds);
    }

    /** Waits until a claim is bound. */
    public bound(name: string): Promise<V1PersistentVolumeClaim> {
        const read = async () => {
            const claim = await this.core.readNamespacedPersistentVolumeClaim({ name, namespace });
            return claim.status?.phase === "Bound" ? claim : undefined;
        };
        return until(read, `claim ${name} to be bound`, timeoutSeconds);
    }

    /** Pods that run, of these names. */
    public async runningPods(names: readonly string[]): Promise<V1Pod[]> {
        const { items } = await this.core.listNamespacedPod({ namespace });
        return items.filter(
            ({ metadata, status }) => status?.phase === "Running" && names.includes(String(metadata?.name)),
        );
    }

    /** Waits until a pod runs. */
    public async running(name: string): Promise<void> {
        const runs = async () => (await this.runningPods([name])).length === 1 || undefined;
        await until(runs, `pod ${name} to run`, timeoutSeconds);
    }
}

/** Zone of a node. */
export function zoneOfNode({ metadata }: V1Node): string {
    return metadata?.labels?.[zoneLabel] ?? "";
}

/** A pod that uses the claim of its name. In a zone if its volume's node affinity doesn't lead it there. */
export function podOf(
    name: string,
    spec: { readonly zone?: string; readonly volumeMode?: string } = {},
): V1Pod {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: {
            ...(spec.zone !== undefined && { nodeSelector: { [zoneLabel]: spec.zone } }),
            containers: [containerWith("data", spec.volumeMode)],
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
        },
    };
}

/** A container that uses a pod's volume: the device if the volume's mode is Block, otherwise its file system. */
export function containerWith(name: string, volumeMode?: string): V1Container {
    return {
        name: "main",
        image: "registry.k8s.io/nginx-slim:0.21",
        ...(volumeMode === "Block"
            ? { volumeDevices: [{ name, devicePath: "/dev/xvda" }] }
            : { volumeMounts: [{ name, mountPath: "/data" }] }),
    };
}

function volumeTags(tags: Readonly<Record<string, string>>) {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    return [{ ResourceType: "volume" as const, Tags }];
}
