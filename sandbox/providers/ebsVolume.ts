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
import type { Made, Properties, ResourceType } from "./provider";

interface VolumeInputs {
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
    /** ForceNew in terraform-provider-aws, internal/service/ec2/ebs_volume.go. */
    public readonly replaceOn = [
        "availabilityZone",
        "encrypted",
        "kmsKeyId",
        "multiAttachEnabled",
        "outpostArn",
        "snapshotId",
    ];
    /** Optional and Computed in the same file. */
    public readonly computed = ["encrypted", "iops", "kmsKeyId", "size", "snapshotId", "throughput", "type"];
    public readonly deleteBeforeReplace = false;

    public constructor(
        private readonly ec2: EC2Client,
        private readonly region: string,
    ) {}

    public planned(inputs: Properties): Properties {
        return { ...inputs, tagsAll: inputs.tags };
    }

    public async create(inputs: Properties): Promise<Made> {
        const wanted = inputs as unknown as VolumeInputs;
        const { VolumeId } = await this.ec2.send(
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
        const available = async () => ((await this.describe(id))?.State === "available" ? id : undefined);
        await until(available, `volume ${id} to be available`, 300);
        return { id, properties: await this.outputs(id, wanted) };
    }

    public async read(id: string): Promise<Properties | undefined> {
        return (await this.describe(id)) && this.outputs(id, {});
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
        const settings = ["size", "type", "iops", "throughput"] as const;
        if (settings.some((key) => wanted[key] !== undefined && wanted[key] !== had[key])) {
            await this.ec2.send(
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
            await this.ec2.send(
                new DeleteTagsCommand({ Resources: [id], Tags: gone.map((Key) => ({ Key })) }),
            );
        }
        await this.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: asTags(wanted.tags) }));
        return this.outputs(id, wanted);
    }

    public async delete(id: string, old: Properties): Promise<void> {
        if ((old as unknown as VolumeInputs).finalSnapshot) {
            const { tags } = old as unknown as VolumeInputs;
            await this.ec2.send(
                new CreateSnapshotCommand({
                    VolumeId: id,
                    TagSpecifications: [{ ResourceType: "snapshot", Tags: asTags(tags) }],
                }),
            );
        }
        if (await this.describe(id)) {
            await this.ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
        }
    }

    private async outputs(id: string, inputs: Partial<VolumeInputs>): Promise<Properties> {
        return { ...inputs, ...volumeOutputs((await this.describe(id)) as Volume, this.region) };
    }

    private async describe(id: string): Promise<Volume | undefined> {
        try {
            const { Volumes } = await this.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
            return Volumes?.[0];
        } catch (error) {
            if (error instanceof Error && error.name === "InvalidVolume.NotFound") {
                return undefined;
            }
            throw error;
        }
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

function asTags(tags: Record<string, string> = {}): Tag[] {
    return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
