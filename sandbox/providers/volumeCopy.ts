import { CopyVolumesCommand, DeleteVolumeCommand } from "@aws-sdk/client-ec2";
import type { Volume, VolumeType } from "@aws-sdk/client-ec2";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../until";
import { describe, EbsVolume, errorText, volumeOutputs } from "./ebsVolume";
import { updateTags } from "./ec2Tags";
import type { Properties, ResourceState } from "./provider";
import { tagList } from "./tags";
import type { Schema } from "./terraform";

/** Attributes of aws_ebs_volume_copy in @pulumi/aws 7.48.0: no encryption, no Multi-Attach, no final snapshot. */
const schema: Schema = {
    iops: { computed: true },
    region: { computed: true, forceNew: true },
    size: { computed: true },
    sourceVolumeId: { forceNew: true },
    tags: {},
    tagsAll: {},
    throughput: { computed: true },
    volumeType: { computed: true },
};

/**
 * aws:ebs/volumeCopy:VolumeCopy, by the rules of terraform-provider-aws, internal/service/ec2/ebs_volume_copy.go (read on
 * 2026-11-27): it waits while too many copies are in progress, a copy that doesn't get available isn't in the state, and
 * one that is in use isn't deleted.
 */
export class EbsVolumeCopy extends EbsVolume {
    protected override readonly schema = schema;

    /** It has no such range. */
    public override problems(): { property: string; reason: string }[] {
        return [];
    }

    public override async create(inputs: Properties, timeoutSeconds = 300): Promise<ResourceState> {
        const { sourceVolumeId, size, volumeType, iops, throughput, tagsAll, region } = this.planned(inputs);
        const ec2 = this.ec2({ region });
        const command = () =>
            new CopyVolumesCommand({
                SourceVolumeId: String(sourceVolumeId),
                Size: size as number | undefined,
                VolumeType: volumeType as VolumeType | undefined,
                Iops: iops as number | undefined,
                Throughput: throughput as number | undefined,
                TagSpecifications: [
                    { ResourceType: "volume", Tags: tagList(tagsAll as Record<string, string>) },
                ],
            });
        const deadline = Date.now() + timeoutSeconds * 1000;
        for (;;) {
            try {
                const { Volumes = [] } = await ec2.send(command());
                const id = String(Volumes[0]?.VolumeId);
                await until(() => this.available(ec2, id), `volume ${id} to be available`, timeoutSeconds);
                return { id, properties: await this.readExisting(id, inputs) };
            } catch (error) {
                if ((error as Error).name !== "CopyVolumesLimitExceeded" || Date.now() > deadline) {
                    throw new Error(`creating EBS Volume Copy: ${errorText(error)}`);
                }
                await sleep(500);
            }
        }
    }

    public override async read(importId: string, old: Properties = {}): Promise<ResourceState | undefined> {
        const found = await super.read(importId, old);
        const { finalSnapshot, ...properties } = found?.properties ?? {};
        return found && { ...found, properties };
    }

    public override async update(id: string, inputs: Properties, state: Properties): Promise<Properties> {
        const { volumeType: type, ...planned } = this.planned(inputs, state);
        const changed = this.changes({ inputs, state, oldInputs: {} }).map(({ path }) => path);
        const ec2 = this.ec2(state);
        await updateTags(ec2, id, state["tagsAll"], planned["tagsAll"]);
        if (changed.some((path) => !path.startsWith("tags"))) {
            const names = changed.map((path) => (path === "volumeType" ? "type" : path));
            await this.modify(ec2, id, { ...planned, type: type as VolumeType | undefined }, names);
        }
        return this.readExisting(id, { ...inputs, region: state["region"] });
    }

    public override async delete(id: string, state: Properties, timeoutSeconds = 600): Promise<void> {
        const ec2 = this.ec2(state);
        try {
            await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
        } catch (error) {
            if ((error as Error).name !== "InvalidVolume.NotFound") {
                throw new Error(`deleting EBS Volume Copy (${id}): ${errorText(error)}`);
            }
        }
        const gone = async () => ((await describe(ec2, id)) ? undefined : true);
        await until(gone, `volume ${id} to be deleted`, timeoutSeconds);
    }

    protected override outputs(
        volume: Volume,
        { region = this.providerRegion, tags: asked }: Properties,
    ): Properties {
        const { arn, availabilityZone, size, type, iops, throughput } = volumeOutputs(volume, String(region));
        const { SourceVolumeId: sourceVolumeId } = volume;
        const known = {
            arn,
            availabilityZone,
            region,
            size,
            volumeType: type,
            iops,
            throughput,
            sourceVolumeId,
        };
        return { ...known, ...this.tags.visibleTags(volume.Tags, asked) };
    }
}
