import {
    DeleteSnapshotCommand,
    DeleteVolumeCommand,
    DescribeVolumesModificationsCommand,
    EC2Client,
    paginateDescribeSnapshots,
    paginateDescribeVolumes,
} from "@aws-sdk/client-ec2";
import type { Filter, Snapshot, Tag, Volume } from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { isRunId, runKey } from "./runIds";

// The SDK's releases of 2027 will want Node 22; the pinned one is content with Node 20 but says so each time.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** The AWS account of the environment's credentials, in one region, as far as runs matter. */
export class Account {
    private readonly ec2: EC2Client;

    public constructor(
        public readonly region: string,
        private readonly cluster: string,
    ) {
        // More than the usual three: a request that EC2 throttles must not end the clean-up.
        this.ec2 = new EC2Client({ region, maxAttempts: 6 });
    }

    /** Id of the account that the credentials are of. Nobody needs a right to ask. */
    public async id(): Promise<string> {
        const sts = new STSClient({ region: this.region });
        try {
            return (await sts.send(new GetCallerIdentityCommand())).Account ?? "";
        } finally {
            sts.destroy();
        }
    }

    /** Volumes of the cluster that runs have tagged, those apart that EC2 is deleting. */
    public async taggedVolumes(): Promise<Volume[]> {
        const volumes = await this.volumes(this.tagFilters());
        return volumes.filter(({ State, Tags }) => State !== "deleting" && isRunId(runOf(Tags)));
    }

    /** Snapshots of the cluster's volumes that runs have tagged, completed or not. */
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

    /** A volume as it is; undefined if it is gone. */
    public async volume(id: string): Promise<Volume | undefined> {
        // By a filter, since an id that doesn't exist fails a call that asks for ids.
        const [volume] = await this.volumes([{ Name: "volume-id", Values: [id] }]);
        return volume?.State === "deleting" ? undefined : volume;
    }

    /** State of a volume's last modification: modifying, optimizing, completed or failed; undefined without one. */
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

/** Id of the run that tags name. */
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
