import {
    CreateSnapshotCommand,
    CreateVolumeCommand,
    DeleteVolumeCommand,
    DescribeVolumesCommand,
    ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Volume, VolumeType } from "@aws-sdk/client-ec2";
import { until } from "../until";
import { AwsResource } from "./awsResource";
import { updateTags } from "./ec2Tags";
import { PartialFailure } from "./provider";
import type { ResourceState, Properties, ResourceType } from "./provider";
import { waitForSnapshot } from "./snapshot";
import { tagList } from "./tags";
import type { Schema } from "./terraform";

/** Attributes of aws_ebs_volume, and the region that every resource of the provider has. */
const schema: Schema = {
    availabilityZone: { forceNew: true },
    encrypted: { computed: true, forceNew: true },
    finalSnapshot: { default: false },
    iops: { computed: true },
    kmsKeyId: { computed: true, forceNew: true },
    multiAttachEnabled: { forceNew: true },
    outpostArn: { forceNew: true },
    region: { computed: true, forceNew: true },
    size: { computed: true },
    snapshotId: { computed: true, forceNew: true },
    tags: {},
    tagsAll: {},
    throughput: { computed: true },
    type: { computed: true },
    volumeInitializationRate: {},
};

interface VolumeValues {
    readonly region?: string;
    readonly availabilityZone: string;
    readonly size?: number;
    readonly type?: VolumeType;
    readonly iops?: number;
    readonly throughput?: number;
    readonly encrypted?: boolean;
    readonly kmsKeyId?: string;
    readonly snapshotId?: string;
    readonly multiAttachEnabled?: boolean;
    readonly volumeInitializationRate?: number;
    readonly finalSnapshot?: boolean;
    readonly tags?: Record<string, string>;
    readonly tagsAll?: Record<string, string>;
}

/**
 * aws:ebs/volume:Volume, by the rules of terraform-provider-aws, internal/service/ec2/ebs_volume.go (5f2286d,
 * read on 2026-11-27). It polls earlier: the real one waits ten seconds at first.
 */
export class EbsVolume extends AwsResource implements ResourceType {
    protected readonly schema: Schema = schema;

    /** Of the schema's `ValidateFunc: validation.IntBetween(125, …)`; the upper end has changed since. */
    public problems({ throughput }: Properties): { property: string; reason: string }[] {
        return typeof throughput === "number" && throughput < 125
            ? [
                  {
                      property: "throughput",
                      reason: `expected throughput to be at least 125, got ${throughput}`,
                  },
              ]
            : [];
    }

    public async create(inputs: Properties, timeoutSeconds = 300): Promise<ResourceState> {
        const properties = this.planned(inputs);
        const wanted = properties as unknown as VolumeValues;
        const ec2 = this.ec2(wanted);
        // The SDK's GetOk treats zero values as missing, so that they are never sent.
        const { VolumeId } = await ec2.send(
            new CreateVolumeCommand({
                AvailabilityZone: wanted.availabilityZone,
                Size: wanted.size || undefined,
                VolumeType: wanted.type || undefined,
                Iops: wanted.iops || undefined,
                Throughput: wanted.throughput || undefined,
                Encrypted: wanted.encrypted || undefined,
                KmsKeyId: wanted.kmsKeyId || undefined,
                SnapshotId: wanted.snapshotId || undefined,
                MultiAttachEnabled: wanted.multiAttachEnabled || undefined,
                VolumeInitializationRate: wanted.volumeInitializationRate || undefined,
                TagSpecifications: [{ ResourceType: "volume", Tags: tagList(wanted.tagsAll) }],
            }),
        );
        const id = VolumeId as string;
        try {
            await until(() => this.available(ec2, id), `volume ${id} to be available`, timeoutSeconds);
        } catch (error) {
            const message = `waiting for EBS Volume (${id}) create: ${(error as Error).message}`;
            throw new PartialFailure(message, { id, properties });
        }
        return { id, properties: await this.readExisting(id, properties) };
    }

    public async read(importId: string, old: Properties = {}): Promise<ResourceState | undefined> {
        // Import ids of the provider's guide "Enhanced Region Support".
        const [id = "", region = old["region"]] = importId.split("@");
        const volume = await describe(this.ec2({ region: region }), id);
        // EC2 has no finalSnapshot: a refresh keeps the value of the state.
        const { finalSnapshot = false } = old;
        return volume && { id, properties: { finalSnapshot, ...this.outputs(volume, { ...old, region }) } };
    }

    public inputsOf(properties: Properties, asked?: Properties): Properties {
        const { arn, createTime, region, outpostArn, tagsAll, multiAttachEnabled, ...settings } = properties;
        return asked
            ? Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, settings[key] ?? value]))
            : Object.fromEntries(
                  Object.entries(settings).filter(
                      ([, value]) => value !== "" && value !== 0 && value !== false,
                  ),
              );
    }

    public async update(id: string, inputs: Properties, state: Properties): Promise<Properties> {
        const planned = this.planned(inputs, state);
        const changed = this.changes({ inputs, state, oldInputs: {} }).map(({ path }) =>
            String(path.split(/[.[]/)[0]),
        );
        const ec2 = this.ec2(state);
        try {
            await updateTags(ec2, id, state["tagsAll"], planned["tagsAll"]);
            if (changed.some((key) => !["tags", "tagsAll"].includes(key))) {
                await this.modify(ec2, id, planned, changed);
            }
        } catch (error) {
            // The SDK writes the plan into the state, even though the update has failed.
            throw new PartialFailure((error as Error).message, { id, properties: planned });
        }
        const { finalSnapshot } = planned;
        return { ...(await this.readExisting(id, { ...inputs, region: state["region"] })), finalSnapshot };
    }

    public async delete(id: string, state: Properties, timeoutSeconds = 600): Promise<void> {
        const { finalSnapshot, tagsAll, region } = state as unknown as VolumeValues;
        const ec2 = this.ec2({ region });
        if (finalSnapshot) {
            const { SnapshotId } = await ec2.send(
                new CreateSnapshotCommand({
                    VolumeId: id,
                    TagSpecifications: [{ ResourceType: "snapshot", Tags: tagList(tagsAll) }],
                }),
            );
            await waitForSnapshot(ec2, String(SnapshotId), timeoutSeconds);
        }
        await deleteVolume(ec2, id, timeoutSeconds);
        const gone = async () => ((await describe(ec2, id)) ? undefined : true);
        await until(gone, `volume ${id} to be deleted`, timeoutSeconds);
    }

    protected async modify(
        ec2: EC2Client,
        id: string,
        to: Pick<VolumeValues, "size" | "type" | "iops" | "throughput">,
        changed: string[],
    ): Promise<void> {
        const hasNewType = changed.includes("type");
        const needsIops = hasNewType && ["gp3", "io1", "io2"].includes(String(to.type));
        try {
            await ec2.send(
                new ModifyVolumeCommand({
                    VolumeId: id,
                    Size: changed.includes("size") ? to.size : undefined,
                    VolumeType: hasNewType ? to.type : undefined,
                    Iops: changed.includes("iops") || needsIops ? (to.iops ?? 0) : undefined,
                    Throughput: to.type === "gp3" && to.throughput ? to.throughput : undefined,
                }),
            );
        } catch (error) {
            throw new Error(`modifying EBS Volume (${id}): ${errorText(error)}`);
        }
        const settled = async () =>
            ["available", "in-use"].includes(String((await describe(ec2, id))?.State)) || undefined;
        await until(settled, `volume ${id} to be updated`, 300);
    }

    protected async available(ec2: EC2Client, id: string): Promise<string | undefined> {
        const volume = await describe(ec2, id);
        if (!volume) {
            throw new Error("couldn't find resource");
        }
        return volume.State === "available" ? id : undefined;
    }

    protected async readExisting(id: string, asked: Properties): Promise<Properties> {
        const volume = await describe(this.ec2(asked), id);
        if (!volume) {
            throw new Error(`resource ${id} did not exist while updating`);
        }
        return { ...asked, ...this.outputs(volume, asked) };
    }

    protected outputs(volume: Volume, { region = this.providerRegion, tags: asked }: Properties): Properties {
        return { ...volumeOutputs(volume, String(region)), ...this.tags.visibleTags(volume.Tags, asked) };
    }
}

/** Retries while the volume is attached, like the provider, until the time is up. */
async function deleteVolume(ec2: EC2Client, id: string, timeoutSeconds: number): Promise<void> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (;;) {
        try {
            await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
            return;
        } catch (error) {
            const { name } = error as Error;
            if (name === "InvalidVolume.NotFound") {
                return;
            }
            if (name !== "VolumeInUse" || Date.now() > deadline) {
                throw new Error(`deleting EBS Volume (${id}): ${errorText(error)}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
    }
}

export async function describe(ec2: EC2Client, id: string): Promise<Volume | undefined> {
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

/** An error of EC2 in the wording of aws-sdk-go-v2. */
export function errorText(error: unknown): string {
    const { name, message } = error as Error;
    return `operation error EC2: api error ${name}: ${message}`;
}

/** Outputs of both the resource and the function getVolume, without tags. */
export function volumeOutputs(volume: Volume, region: string): Properties {
    return {
        arn: `arn:aws:ec2:${region}:123456789012:volume/${volume.VolumeId}`,
        availabilityZone: volume.AvailabilityZone,
        createTime: volume.CreateTime?.toISOString(),
        region,
        size: volume.Size,
        type: volume.VolumeType,
        iops: volume.Iops ?? 0,
        throughput: volume.Throughput ?? 0,
        encrypted: volume.Encrypted ?? false,
        kmsKeyId: volume.KmsKeyId ?? "",
        snapshotId: volume.SnapshotId ?? "",
        multiAttachEnabled: volume.MultiAttachEnabled ?? false,
        outpostArn: "",
        volumeInitializationRate: volume.VolumeInitializationRate ?? 0,
    };
}
