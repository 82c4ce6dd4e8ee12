import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { Servers } from "../../../sandbox/servers";

/** Data of a disk, as it was at a time. */
interface Data {
    /** Name of the PersistentVolume by which it was written. */
    readonly disk: string;
    readonly version: number;
}

/** Contents of volumes and snapshots, which the sandbox's EC2 has none of: pods write, snapshots copy. */
export class Contents {
    private version = 0;
    private readonly volumes = new Map<string, Data | undefined>();
    private readonly snapshots = new Map<string, Data | undefined>();
    private readonly newest = new Map<string, Data>();
    private readonly written = new Set<string>();
    private readonly ec2: EC2Client;
    private readonly core: CoreV1Api;

    public constructor(servers: Servers) {
        this.ec2 = ec2Client(servers);
        this.core = kubeConfig(servers).makeApiClient(CoreV1Api);
    }

    /** Pods write to all disks whose volume was there the last time. */
    public async write(): Promise<void> {
        (await this.disks()).forEach((volumeId, disk) =>
            this.volumes.has(volumeId) ? this.put(volumeId, disk) : undefined,
        );
    }

    /** Accepts that the data of disks are lost. */
    public forget(isLost: (disk: string) => boolean): void {
        [...this.newest.keys()].filter(isLost).forEach((disk) => this.newest.delete(disk));
    }

    /** Something writes to a volume for a disk. */
    public put(volumeId: string, disk: string): void {
        const data = { disk, version: ++this.version };
        this.volumes.set(volumeId, data);
        this.newest.set(disk, data);
        this.written.add(volumeId);
    }

    /** Sees what has become of volumes and snapshots since the last time. Nobody has written meanwhile. */
    public async follow(): Promise<void> {
        const [{ Snapshots = [] }, { Volumes = [] }] = await Promise.all([
            this.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] })),
            this.ec2.send(new DescribeVolumesCommand({})),
        ]);
        for (const { SnapshotId = "", VolumeId = "" } of Snapshots) {
            if (!this.snapshots.has(SnapshotId)) {
                this.snapshots.set(SnapshotId, this.volumes.get(VolumeId));
            }
        }
        for (const { VolumeId = "", SnapshotId = "", SourceVolumeId = "" } of Volumes) {
            if (!this.volumes.has(VolumeId)) {
                this.volumes.set(
                    VolumeId,
                    this.snapshots.get(SnapshotId) ?? this.volumes.get(SourceVolumeId),
                );
            }
        }
        const present = new Set(Volumes.map(({ VolumeId = "" }) => VolumeId));
        [...this.volumes.keys()].filter((id) => !present.has(id)).forEach((id) => this.volumes.delete(id));
    }

    /**
     * Holds every disk to what was ever written to it.
     *
     * @param mayGetOlder - Whether the settings ask for a snapshot of the past.
     */
    public async check(mayGetOlder: boolean): Promise<void> {
        for (const [disk, volumeId] of await this.disks()) {
            const newest = this.newest.get(disk);
            const data = this.volumes.get(volumeId);
            assert.ok(
                !newest || data?.disk === disk,
                `${disk} has its own data: ${volumeId} has ${JSON.stringify(data)}`,
            );
            assert.ok(
                !newest || mayGetOlder || data?.version === newest.version,
                `${disk} has its newest data: ${volumeId} has ${JSON.stringify(data)}, not ${newest?.version}`,
            );
        }
    }

    /** Ids of the volumes that were ever written to, and that are there: not of copies that nothing came to use. */
    public used(): string[] {
        return [...this.written].filter((id) => this.volumes.has(id));
    }

    /** The volume of each PersistentVolume. */
    public async disks(): Promise<ReadonlyMap<string, string>> {
        const { items } = await this.core.listPersistentVolume();
        return new Map(
            items.map(({ metadata, spec }) => [metadata?.name ?? "", spec?.csi?.volumeHandle ?? ""]),
        );
    }
}
