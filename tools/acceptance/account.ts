import {
    DeleteSnapshotCommand,
    DeleteVolumeCommand,
    DescribeVolumesModificationsCommand,
    paginateDescribeSnapshots,
    paginateDescribeVolumes,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Filter, Snapshot, Tag, Volume } from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { AcceptanceClients } from "./clients";
import { isRunId, runKey } from "./runIds";

/** The AWS account of the credentials in one region: volumes and snapshots of runs. */
export class Account {
    private readonly ec2: EC2Client;

    public constructor(
        public readonly region: string,
        private readonly cluster: string,
        private readonly clients: Pick<AcceptanceClients, "ec2" | "sts">,
    ) {
        this.ec2 = clients.ec2(region);
    }

    /** Id of the credentials' account. The request needs no permission. */
    public async id(): Promise<string> {
        const sts = this.clients.sts(this.region);
        try {
            return (await sts.send(new GetCallerIdentityCommand())).Account ?? "";
        } finally {
            sts.destroy();
        }
    }

    /** Volumes of the cluster with a tag of a run, without those that EC2 is deleting. */
    public async taggedVolumes(): Promise<Volume[]> {
        const volumes = await this.volumes(this.tagFilters());
        return volumes.filter(({ State, Tags }) => State !== "deleting" && isRunId(runOf(Tags)));
    }

    /** Snapshots of the cluster's volumes with a tag of a run, completed or not. */
    public async taggedSnapshots(): Promise<Snapshot[]> {
        const found: Snapshot[] = [];
        const pages = paginateDescribeSnapshots(
            { client: this.ec2 },
            { OwnerIds: ["self"], Filters: this.tagFilters() },
        );
        for await (const { Snapshots = [] } of pages) {
            found.push(...Snapshots);
        }
        return found.filter(({ Tags }) => isRunId(runOf(Tags)));
    }

    /** A volume; undefined if it doesn't exist. */
    public async volume(id: string): Promise<Volume | undefined> {
        // A call by ids fails if one of them doesn't exist.
        const [volume] = await this.volumes([{ Name: "volume-id", Values: [id] }]);
        return volume?.State === "deleting" ? undefined : volume;
    }

    /** State of a volume's last modification: modifying, optimizing, completed or failed; undefined if it has none. */
    public async modification(id: string): Promise<string | undefined> {
        const { VolumesModifications = [] } = await this.ec2.send(
            new DescribeVolumesModificationsCommand({ Filters: [{ Name: "volume-id", Values: [id] }] }),
        );
        return VolumesModifications[0]?.ModificationState;
    }

    public async deleteVolume(VolumeId: string): Promise<void> {
        await this.ec2
            .send(new DeleteVolumeCommand({ VolumeId }))
            .catch(unlessGone("InvalidVolume.NotFound"));
    }

    public async deleteSnapshot(SnapshotId: string): Promise<void> {
        await this.ec2
            .send(new DeleteSnapshotCommand({ SnapshotId }))
            .catch(unlessGone("InvalidSnapshot.NotFound"));
    }

    /** Closes its connections. */
    public close(): void {
        this.ec2.destroy();
    }

    private tagFilters(): Filter[] {
        return [
            { Name: "tag-key", Values: [runKey] },
            { Name: "tag:KubernetesCluster", Values: [this.cluster] },
        ];
    }

    private async volumes(Filters: Filter[]): Promise<Volume[]> {
        const found: Volume[] = [];
        for await (const { Volumes = [] } of paginateDescribeVolumes({ client: this.ec2 }, { Filters })) {
            found.push(...Volumes);
        }
        return found;
    }
}

/** Id of the run in tags. */
export function runOf(tags: readonly Tag[] = []): string | undefined {
    return tags.find(({ Key }) => Key === runKey)?.Value;
}

function unlessGone(name: string): (error: unknown) => void {
    return (error) => {
        if (!(error instanceof Error && error.name === name)) {
            throw error;
        }
    };
}
