import {
    CreateSnapshotCommand,
    CreateTagsCommand,
    CreateVolumeCommand,
    DeleteTagsCommand,
    DeleteVolumeCommand,
    DescribeVolumesCommand,
    ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Tag, Volume, VolumeType } from "@aws-sdk/client-ec2";
import { until } from "../until";
import { snapshotCompleted } from "./snapshot";
import type { Made, Properties, ResourceType } from "./provider";

interface VolumeInputs {
    readonly region?: string;
    readonly availabilityZone: string;
    readonly size?: number;
    readonly type?: VolumeType;
    readonly iops?: number;
    readonly throughput?: number;
    readonly encrypted?: boolean;
    readonly kmsKeyId?: string;
    readonly snapshotId?: string;
    readonly volumeInitializationRate?: number;
    readonly finalSnapshot?: boolean;
    readonly tags?: Record<string, string>;
}

/** aws:ebs/volume:Volume, by the rules of the real provider. */
export class EbsVolume implements ResourceType {
    /**
     * ForceNew in terraform-provider-aws, internal/service/ec2/ebs_volume.go; for the region see
     * website/docs/guides/enhanced-region-support.html.markdown there.
     */
    public readonly replaceOn = [
        "availabilityZone",
        "encrypted",
        "kmsKeyId",
        "multiAttachEnabled",
        "outpostArn",
        "region",
        "snapshotId",
    ];
    /** Optional and Computed in the same file. */
    public readonly computed = [
        "encrypted",
        "iops",
        "kmsKeyId",
        "region",
        "size",
        "snapshotId",
        "throughput",
        "type",
    ];
    public readonly deleteBeforeReplace = false;

    public constructor(
        private readonly client: (region: string) => EC2Client,
        private readonly providerRegion: string,
    ) {}

    public planned(inputs: Properties): Properties {
        return { ...inputs, tagsAll: inputs.tags };
    }

    public async create(inputs: Properties): Promise<Made> {
        const wanted = inputs as unknown as VolumeInputs;
        const ec2 = this.ec2(wanted);
        const { VolumeId } = await ec2.send(
            new CreateVolumeCommand({
                AvailabilityZone: wanted.availabilityZone,
                Size: wanted.size,
                VolumeType: wanted.type,
                Iops: wanted.iops,
                Throughput: wanted.throughput,
                Encrypted: wanted.encrypted,
                KmsKeyId: wanted.kmsKeyId,
                SnapshotId: wanted.snapshotId,
                VolumeInitializationRate: wanted.volumeInitializationRate,
                TagSpecifications: [{ ResourceType: "volume", Tags: asTags(wanted.tags) }],
            }),
        );
        const id = VolumeId as string;
        const available = async () => ((await describe(ec2, id))?.State === "available" ? id : undefined);
        await until(available, `volume ${id} to be available`, 300);
        return { id, properties: await this.outputs(id, wanted) };
    }

    public async read(id: string, old: Properties = {}): Promise<Properties | undefined> {
        // EC2 knows nothing of the last snapshot: a refresh leaves it as it was.
        const { region, finalSnapshot } = old as Partial<VolumeInputs>;
        return (await describe(this.ec2({ region }), id)) && this.outputs(id, { region, finalSnapshot });
    }

    public inputsOf(
        { arn, region, outpostArn, tagsAll, multiAttachEnabled, ...settings }: Properties,
        asked?: Properties,
    ): Properties {
        return asked
            ? Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, settings[key] ?? value]))
            : Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== "" && value !== 0));
    }

    public async update(id: string, inputs: Properties, old: Properties): Promise<Properties> {
        const [wanted, had] = [inputs, old] as unknown as [VolumeInputs, VolumeInputs];
        const ec2 = this.ec2(had);
        const settings = ["size", "type", "iops", "throughput"] as const;
        if (settings.some((key) => wanted[key] !== undefined && wanted[key] !== had[key])) {
            await ec2.send(
                new ModifyVolumeCommand({
                    VolumeId: id,
                    Size: wanted.size,
                    VolumeType: wanted.type,
                    Iops: wanted.iops,
                    Throughput: wanted.throughput,
                }),
            );
        }
        const gone = Object.keys(had.tags ?? {}).filter((key) => wanted.tags?.[key] === undefined);
        if (gone.length > 0) {
            await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: gone.map((Key) => ({ Key })) }));
        }
        const changed = Object.entries(wanted.tags ?? {}).filter(([key, value]) => had.tags?.[key] !== value);
        if (changed.length > 0) {
            const Tags = asTags(Object.fromEntries(changed));
            await ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
        }
        return this.outputs(id, { ...wanted, region: had.region });
    }

    public async delete(id: string, old: Properties): Promise<void> {
        const { finalSnapshot, tags, region } = old as unknown as VolumeInputs;
        const ec2 = this.ec2({ region });
        if (finalSnapshot) {
            const { SnapshotId } = await ec2.send(
                new CreateSnapshotCommand({
                    VolumeId: id,
                    TagSpecifications: [{ ResourceType: "snapshot", Tags: asTags(tags) }],
                }),
            );
            await snapshotCompleted(ec2, String(SnapshotId));
        }
        if (await describe(ec2, id)) {
            await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
        }
    }

    private async outputs(id: string, inputs: Partial<VolumeInputs>): Promise<Properties> {
        const volume = (await describe(this.ec2(inputs), id)) as Volume;
        return { ...inputs, ...volumeOutputs(volume, inputs.region ?? this.providerRegion) };
    }

    private ec2({ region = this.providerRegion }: Partial<VolumeInputs>): EC2Client {
        return this.client(region);
    }
}

async function describe(ec2: EC2Client, id: string): Promise<Volume | undefined> {
    try {
        const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
        return Volumes?.[0];
    } catch (error) {
        if (error instanceof Error && error.name === "InvalidVolume.NotFound") {
            return undefined;
        }
        throw error;
    }
}

/** A volume as both the resource and the function getVolume give it. */
export function volumeOutputs(volume: Volume, region: string): Properties {
    const tags: Properties = Object.fromEntries(
        (volume.Tags ?? []).map(({ Key = "", Value }) => [Key, Value]),
    );
    return {
        arn: `arn:aws:ec2:${region}:123456789012:volume/${volume.VolumeId}`,
        availabilityZone: volume.AvailabilityZone,
        region,
        size: volume.Size,
        type: volume.VolumeType,
        iops: volume.Iops ?? 0,
        throughput: volume.Throughput ?? 0,
        encrypted: volume.Encrypted,
        kmsKeyId: volume.KmsKeyId ?? "",
        snapshotId: volume.SnapshotId ?? "",
        multiAttachEnabled: volume.MultiAttachEnabled ?? false,
        outpostArn: "",
        tags,
        tagsAll: tags,
    };
}

/** Tags as EC2 takes them. */
export function asTags(tags: Record<string, string> = {}): Tag[] {
    return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
