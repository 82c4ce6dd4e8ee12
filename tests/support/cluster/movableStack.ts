import { CreateSnapshotCommand, DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { VolumeRecord } from "../../../components";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { StatefulSet } from "../../../sandbox/statefulSet";
import type { Ended } from "../tools/run";
import { runOnStack } from "../tools/onStack";
import { attachVolumes } from "./disksInUse";
import { project } from "./sandbox";

/** Name of the cluster. */
export const cluster = "proyecto.k8s.local";

/** A stack with a StatefulSet of five pods and a pod without an owner, each with a disk. */
export const settings = `# The disks of the shop.
config:
    aws:region: eu-west-1
    zonal-persistent-storage:cluster:
        name: ${cluster}
    zonal-persistent-storage:storages:
        web:
            count: 5 # one for each pod
            volume: { sizeGiB: 1 }
            claims: { statefulSet: web, template: www }
        peticion:
            count: 1
            volume: { sizeGiB: 5 }
            claims: { names: [mi-peticion], create: true }
    # the end
`;

/** Disks that move, with the pods on them. */
export class MovableStack {
    public readonly web: StatefulSet;
    public readonly core: CoreV1Api;
    public readonly ec2: EC2Client;
    private driver: NodeJS.Timeout | undefined;

    public constructor(
        private readonly servers: Servers,
        private readonly cli: PulumiCli,
    ) {
        this.web = new StatefulSet(servers, "web");
        this.core = kubeConfig(servers).makeApiClient(CoreV1Api);
        this.ec2 = ec2Client(servers);
    }

    /** The stack's file. */
    public get settingsFile(): string {
        return join(this.cli.project, "Pulumi.test.yaml");
    }

    /** Makes the disks, and starts the pods. */
    public async start(): Promise<void> {
        await writeFile(this.settingsFile, settings);
        const { code, stdout } = await this.cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(code, 0, stdout);
        await this.web.apply(join(project, "examples", "statefulset", "web.yaml"));
        await this.web.apply(join(project, "examples", "named-claim", "pod.yaml"));
        await this.web.running(5);
        this.driver = this.runDriver();
    }

    public stop(): void {
        clearInterval(this.driver);
    }

    /** Runs a command of the command-line program. */
    public run(command: string, ...args: string[]): Promise<Ended> {
        return runOnStack(command, this.cli, this.servers, args);
    }

    /** The disks by name, as the stack's outputs have them. */
    public async disks(): Promise<Map<string, VolumeRecord>> {
        const { stdout } = await this.cli.run(["stack", "output", "storages", "--json"]);
        const storages = JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>;
        return new Map(
            Object.values(storages).flatMap(({ volumes }) =>
                volumes.map((disk): [string, VolumeRecord] => [disk.persistentVolumeName, disk]),
            ),
        );
    }

    /** The volume that a snapshot was taken of. */
    public async sourceOf(snapshotId: string): Promise<string | undefined> {
        const { Snapshots = [] } = await this.ec2.send(
            new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }),
        );
        return Snapshots[0]?.VolumeId;
    }

    /** Ids of all volumes in EC2. */
    public async volumeIds(): Promise<string[]> {
        const { Volumes = [] } = await this.ec2.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ VolumeId = "" }) => VolumeId).sort();
    }

    /** Checks that each pod runs in the zone of its disk, whose PersistentVolume is on the stack's volume. */
    public async check(): Promise<Map<string, VolumeRecord>> {
        const disks = await this.disks();
        const zones = await this.web.running(5);
        for (const [name, { zone, volumeId }] of disks) {
            const { spec, status } = await this.core.readPersistentVolume({ name });
            assert.deepEqual([spec?.csi?.volumeHandle, status?.phase], [volumeId, "Bound"], name);
            assert.equal(zones[name] ?? zone, zone, `pod ${name} is where its disk is`);
        }
        const pod = await this.core.readNamespacedPod({ namespace: "default", name: "mi-pod" });
        assert.equal(pod.status?.phase, "Running");
        return disks;
    }

    /** In place of the CSI driver, which the sandbox doesn't have. */
    private runDriver(): NodeJS.Timeout {
        let isBusy = false;
        return setInterval(() => {
            if (!isBusy) {
                isBusy = true;
                void attachVolumes(this.servers)
                    .catch(() => undefined)
                    .finally(() => (isBusy = false));
            }
        }, 500);
    }
}

/** Takes a snapshot of each volume with its tags, in place of Data Lifecycle Manager. */
export async function takeSnapshots(servers: Servers): Promise<void> {
    const ec2 = ec2Client(servers);
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
    for (const { VolumeId, Tags } of Volumes) {
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags }];
        await ec2.send(new CreateSnapshotCommand({ VolumeId, ...(Tags && { TagSpecifications }) }));
    }
}

/** The zone of each PersistentVolume's volume in EC2, by name. */
export async function volumeZones(servers: Servers, core: CoreV1Api): Promise<Map<string, string>> {
    const { Volumes = [] } = await ec2Client(servers).send(new DescribeVolumesCommand({}));
    const zones = new Map(Volumes.map(({ VolumeId, AvailabilityZone = "" }) => [VolumeId, AvailabilityZone]));
    const { items } = await core.listPersistentVolume();
    return new Map(
        items.map(({ metadata, spec }) => [
            metadata?.name ?? "",
            zones.get(spec?.csi?.volumeHandle ?? "") ?? "",
        ]),
    );
}
