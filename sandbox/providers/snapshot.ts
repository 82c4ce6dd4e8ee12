import {
    CopySnapshotCommand,
    CreateSnapshotCommand,
    DeleteSnapshotCommand,
    DescribeSnapshotsCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Snapshot, TagSpecification } from "@aws-sdk/client-ec2";
import { until } from "../until";
import { AwsResource } from "./awsResource";
import { updateTags } from "./ec2Tags";
import { PartialFailure } from "./provider";
import type { ResourceState, Properties, ResourceType } from "./provider";
import { tagList } from "./tags";
import type { Schema } from "./terraform";

/** Attributes of aws_ebs_snapshot that the component uses. */
const schema: Schema = {
    description: { forceNew: true },
    outpostArn: { forceNew: true },
    region: { computed: true, forceNew: true },
    storageTier: { computed: true },
    tags: {},
    tagsAll: {},
    volumeId: { forceNew: true },
};

const copySchema: Schema = {
    description: { forceNew: true },
    encrypted: { forceNew: true },
    kmsKeyId: { forceNew: true },
    region: { computed: true, forceNew: true },
    sourceRegion: { forceNew: true },
    sourceSnapshotId: { forceNew: true },
    storageTier: { computed: true },
    tags: {},
    tagsAll: {},
};

/**
 * aws:ebs/snapshot:Snapshot, by the rules of terraform-provider-aws, internal/service/ec2/ebs_snapshot.go (5f2286d,
 * read on 2026-11-27): the id is in the state before the snapshot is complete, and the creation waits ten minutes by default.
 */
export class EbsSnapshot extends AwsResource implements ResourceType {
    protected readonly schema: Schema = schema;
    protected readonly title: string = "EBS Snapshot";

    public async create(inputs: Properties, timeoutSeconds = 600): Promise<ResourceState> {
        const properties = this.planned(inputs);
        const ec2 = this.ec2(inputs);
        const tags = tagList(properties["tagsAll"] as Record<string, string>);
        const id = String(await this.make(ec2, inputs, [{ ResourceType: "snapshot", Tags: tags }]));
        try {
            await waitForSnapshot(ec2, id, timeoutSeconds);
        } catch (error) {
            const message = `waiting for ${this.title} (${id}) create: ${(error as Error).message}`;
            throw new PartialFailure(message, { id, properties });
        }
        return (await this.read(id, properties)) ?? { id, properties };
    }

    /** @returns the new snapshot's id. */
    protected async make(
        ec2: EC2Client,
        { volumeId, description }: Properties,
        TagSpecifications: TagSpecification[],
    ): Promise<string | undefined> {
        const VolumeId = String(volumeId);
        const Description = description as string | undefined;
        const made = await ec2.send(new CreateSnapshotCommand({ VolumeId, Description, TagSpecifications }));
        return made.SnapshotId;
    }

    public async read(importId: string, old: Properties = {}): Promise<ResourceState | undefined> {
        const inState = typeof old["region"] === "string" ? old["region"] : this.providerRegion;
        const [id = "", region = inState] = importId.split("@");
        const found = await find(this.ec2({ region }), id);
        return (
            found && {
                id,
                properties: {
                    ...old,
                    arn: `arn:aws:ec2:${region}::snapshot/${id}`,
                    description: found.Description ?? "",
                    region,
                    volumeId: found.VolumeId,
                    volumeSize: found.VolumeSize,
                    encrypted: found.Encrypted,
                    storageTier: found.StorageTier ?? "standard",
                    ...this.tags.visibleTags(found.Tags, old["tags"]),
                },
            }
        );
    }

    public inputsOf({ volumeId }: Properties, asked: Properties = {}): Properties {
        return { ...asked, volumeId };
    }

    public async update(id: string, inputs: Properties, state: Properties): Promise<Properties> {
        const planned = this.planned(inputs, state);
        try {
            await updateTags(this.ec2(state), id, state["tagsAll"], planned["tagsAll"]);
        } catch (error) {
            throw new PartialFailure((error as Error).message, { id, properties: planned });
        }
        return (await this.read(id, planned))?.properties ?? planned;
    }

    public async delete(id: string, { region }: Properties): Promise<void> {
        await this.ec2({ region }).send(new DeleteSnapshotCommand({ SnapshotId: id }));
    }
}

/** aws:ebs/snapshotCopy:SnapshotCopy, by ebs_snapshot_copy.go (read on 2026-11-27). It can't be imported. */
export class EbsSnapshotCopy extends EbsSnapshot {
    protected override readonly schema = copySchema;
    protected override readonly title = "EBS Snapshot Copy";

    public override inputsOf(_: Properties, asked: Properties = {}): Properties {
        return asked;
    }

    protected override async make(
        ec2: EC2Client,
        { sourceRegion, sourceSnapshotId, description, encrypted, kmsKeyId }: Properties,
        TagSpecifications: TagSpecification[],
    ): Promise<string | undefined> {
        const made = await ec2.send(
            new CopySnapshotCommand({
                SourceRegion: String(sourceRegion),
                SourceSnapshotId: String(sourceSnapshotId),
                Description: description as string | undefined,
                Encrypted: encrypted as boolean | undefined,
                KmsKeyId: kmsKeyId as string | undefined,
                TagSpecifications,
            }),
        );
        return made.SnapshotId;
    }
}

/** Waits until a snapshot is complete. */
export async function waitForSnapshot(ec2: EC2Client, id: string, timeoutSeconds: number): Promise<void> {
    const complete = async () => ((await find(ec2, id))?.State === "completed" ? true : undefined);
    await until(complete, `snapshot ${id} to be complete`, timeoutSeconds);
}

async function find(ec2: EC2Client, id: string): Promise<Snapshot | undefined> {
    const { Snapshots = [] } = await ec2.send(
        new DescribeSnapshotsCommand({ Filters: [{ Name: "snapshot-id", Values: [id] }] }),
    );
    return Snapshots[0];
}
