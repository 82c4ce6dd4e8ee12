import { CreateSnapshotCommand, DeleteSnapshotCommand, DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, Snapshot } from "@aws-sdk/client-ec2";
import { until } from "../until";
import { asTags } from "./ebsVolume";
import type { Made, Properties, ResourceType } from "./provider";

/** aws:ebs/snapshot:Snapshot, by the rules of terraform-provider-aws, internal/service/ec2/ebs_snapshot.go. */
export class EbsSnapshot implements ResourceType {
    public readonly replaceOn = ["description", "outpostArn", "region", "volumeId"];
    public readonly computed = ["region"];
    public readonly deleteBeforeReplace = false;

    public constructor(private readonly ec2: EC2Client) {}

    public planned(inputs: Properties): Properties {
        return { ...inputs, tagsAll: inputs["tags"] };
    }

    public async create(inputs: Properties): Promise<Made> {
        const { volumeId, tags } = inputs as { volumeId: string; tags?: Record<string, string> };
        const { SnapshotId } = await this.ec2.send(
            new CreateSnapshotCommand({
                VolumeId: volumeId,
                TagSpecifications: [{ ResourceType: "snapshot", Tags: asTags(tags) }],
            }),
        );
        const id = String(SnapshotId);
        await snapshotCompleted(this.ec2, id);
        return { id, properties: { ...inputs, ...((await this.read(id)) ?? {}) } };
    }

    public async read(id: string): Promise<Properties | undefined> {
        const found = await find(this.ec2, id);
        return (
            found && { volumeId: found.VolumeId, volumeSize: found.VolumeSize, encrypted: found.Encrypted }
        );
    }

    public inputsOf({ volumeId }: Properties, asked: Properties = {}): Properties {
        return { ...asked, volumeId };
    }

    public update(_id: string, inputs: Properties, old: Properties): Promise<Properties> {
        return Promise.resolve({ ...old, ...inputs });
    }

    public async delete(id: string): Promise<void> {
        await this.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
    }
}

/** Waits until a snapshot is complete. */
export async function snapshotCompleted(ec2: EC2Client, id: string): Promise<void> {
    const complete = async () => ((await find(ec2, id))?.State === "completed" ? true : undefined);
    await until(complete, `snapshot ${id} to be complete`, 600);
}

async function find(ec2: EC2Client, id: string): Promise<Snapshot | undefined> {
    const { Snapshots = [] } = await ec2.send(
        new DescribeSnapshotsCommand({ Filters: [{ Name: "snapshot-id", Values: [id] }] }),
    );
    return Snapshots[0];
}
