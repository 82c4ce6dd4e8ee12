import { isVolumeType } from "../../../components/engine/resourceTypes";
import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import type { PulumiCli } from "../../../sandbox/engine/cli";
import { zoneOf } from "../../../sandbox/readBack";
import type { Servers } from "../../../sandbox/servers";

/** A volume in the stack's state. */
export interface StateVolume {
    readonly id: string;
    readonly name: string;
    readonly zone: string;
    /** Size that the program asked for, the last time that the provider agreed. */
    readonly sizeGiB: number;
    readonly isProtected: boolean;
    /** Undefined if its creation has failed. */
    readonly isEncrypted?: boolean;
    /** Whether the engine may delete the volume. */
    readonly isExpendable: boolean;
    readonly takesSnapshot: boolean;
}

/** A resource of a state, as far as volumes have it. */
export interface Resource {
    readonly type: string;
    readonly urn: string;
    readonly id: string;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly inputs: { readonly finalSnapshot?: boolean; readonly size: number };
    readonly outputs: {
        readonly availabilityZone: string;
        readonly encrypted?: boolean;
    };
}

/** The EBS volumes in a stack's state. */
export async function volumesInState(cli: PulumiCli): Promise<StateVolume[]> {
    const { code, stdout, stderr } = await cli.run(["stack", "export"]);
    assert.equal(code, 0, stderr);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: Resource[] } };
    return volumesAmong(deployment.resources);
}

/** The EBS volumes among the resources of a state. */
export function volumesAmong(resources: readonly Resource[] = []): StateVolume[] {
    return resources
        .filter(({ type }) => isVolumeType(type))
        .map(({ id, urn, protect = false, retainOnDelete, inputs, outputs }) => ({
            id,
            name: String(urn.split("::").at(-1)),
            zone: outputs.availabilityZone,
            sizeGiB: inputs.size,
            isProtected: protect,
            isEncrypted: outputs.encrypted,
            isExpendable: !protect && !retainOnDelete,
            takesSnapshot: inputs.finalSnapshot ?? false,
        }));
}

/** Id of a volume in a stack's state, by its name there. */
export async function idInState(cli: PulumiCli, name: string): Promise<string> {
    const found = (await volumesInState(cli)).find((volume) => volume.name === name);
    assert.ok(found, name);
    return found.id;
}

interface RecordedVolume {
    /** Name of the PersistentVolume that it was made for. */
    readonly owner: string;
    readonly zone: string;
}

/** Records all volumes of a cluster, and checks that none is lost or changed. */
export class Ledger {
    private readonly seen = new Map<string, RecordedVolume>();
    private readonly expendable = new Set<string>();
    private readonly snapshots = new Set<string>();
    private readonly ec2: EC2Client;
    private readonly core: CoreV1Api;

    public constructor(
        servers: Servers,
        private readonly cluster: string,
    ) {
        this.ec2 = ec2Client(servers);
        this.core = kubeConfig(servers).makeApiClient(CoreV1Api);
    }

    /** Allows the deletion of volumes. */
    public letGo(volumes: readonly Pick<StateVolume, "id" | "takesSnapshot">[]): void {
        volumes.forEach(({ id, takesSnapshot }) => {
            this.expendable.add(id);
            if (takesSnapshot) {
                this.snapshots.add(id);
            }
        });
    }

    /** Whether the deletion of a volume is allowed. */
    public wasLetGo(id: string): boolean {
        return this.expendable.has(id);
    }

    /**
     * Checks after every step: no volume is lost, no volume has changed its zone or its ordinal, every PersistentVolume is
     * for the zone of its volume, and no two are for one volume.
     *
     * @returns ids of all volumes, each with the PersistentVolume that it was created for.
     */
    public async check(): Promise<ReadonlyMap<string, string>> {
        const [volumes, persistentVolumes] = await Promise.all([this.volumes(), this.persistentVolumes()]);
        for (const [id, { owner, zone }] of this.seen) {
            const now = volumes.get(id);
            if (now) {
                assert.deepEqual(now, { owner, zone }, `volume ${id} is what it was`);
                continue;
            }
            assert.ok(this.expendable.has(id), `volume ${id} of ${owner} is lost`);
            assert.ok(!this.snapshots.has(id) || (await this.hasSnapshot(id)), `${id} has a last snapshot`);
            this.seen.delete(id);
        }
        volumes.forEach((volume, id) => this.seen.set(id, volume));

        const handles = persistentVolumes.map(({ spec }) => spec?.csi?.volumeHandle ?? "");
        assert.equal(
            new Set(handles).size,
            handles.length,
            `each volume has one PersistentVolume: ${handles.join(" ")}`,
        );
        persistentVolumes.forEach((persistentVolume, index) => {
            const volume = volumes.get(handles[index]!);
            if (volume) {
                const is = { owner: persistentVolume.metadata?.name, zone: zoneOf(persistentVolume) };
                assert.deepEqual(is, volume, `the PersistentVolume of ${handles[index]}`);
            }
        });
        return new Map([...volumes].map(([id, { owner }]) => [id, owner]));
    }

    private async volumes(): Promise<Map<string, RecordedVolume>> {
        const { Volumes = [] } = await this.ec2.send(
            new DescribeVolumesCommand({
                Filters: [{ Name: "tag:KubernetesCluster", Values: [this.cluster] }],
            }),
        );
        return new Map(
            Volumes.map(({ VolumeId, AvailabilityZone, Tags = [] }) => {
                const tag = Tags.find(({ Key }) => Key === "kubernetes.io/created-for/pv/name");
                return [String(VolumeId), { owner: String(tag?.Value), zone: String(AvailabilityZone) }];
            }),
        );
    }

    private async persistentVolumes() {
        const { items } = await this.core.listPersistentVolume();
        return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    }

    private async hasSnapshot(volumeId: string): Promise<boolean> {
        const { Snapshots = [] } = await this.ec2.send(
            new DescribeSnapshotsCommand({ Filters: [{ Name: "volume-id", Values: [volumeId] }] }),
        );
        return Snapshots.length > 0;
    }
}
