import {
    DescribeAvailabilityZonesCommand,
    DescribeInstancesCommand,
    DescribeSnapshotsCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Snapshot } from "@aws-sdk/client-ec2";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { clientSignal } from "../grpc";
import { callerAccount } from "./callerAccount";
import { EbsVolume, volumeOutputs } from "./ebsVolume";
import { LifecyclePolicy } from "./lifecyclePolicy";
import { sdkVersion } from "./provider";
import type { Properties, Provider, ResourceType } from "./provider";
import { EbsSnapshot, EbsSnapshotCopy } from "./snapshot";
import { ProviderTags } from "./tags";
import { EbsVolumeCopy } from "./volumeCopy";

/** Stand-in for the provider of @pulumi/aws: the component's resources and queries, in any region. */
export class AwsProvider implements Provider {
    public readonly name = "aws";
    public readonly version = sdkVersion("aws");

    private readonly clients = new Map<string, EC2Client>();
    private readonly tags = new ProviderTags();

    /**
     * @param client - Creates a client for a region.
     * @param region - Default region.
     */
    public constructor(
        private readonly client: (region: string) => EC2Client,
        private readonly region: string,
    ) {}

    /** Like terraform-provider-aws, rejects accounts that are not in allowedAccountIds. */
    public async configure(settings: Properties): Promise<void> {
        this.tags.configure(settings);
        const account = await callerAccount(this.ec2(this.region));
        const { allowedAccountIds: allowed } = settings;
        const listed = typeof allowed === "string" ? (JSON.parse(allowed) as string[]) : [account];
        if (!listed.includes(account)) {
            throw new Error(`AWS account ID not allowed: ${account}`);
        }
    }

    public resourceType(token: string): ResourceType {
        switch (token) {
            case "aws:ebs/volume:Volume":
                return new EbsVolume((region) => this.ec2(region), this.region, this.tags);
            case "aws:ebs/volumeCopy:VolumeCopy":
                return new EbsVolumeCopy((region) => this.ec2(region), this.region, this.tags);
            case "aws:ebs/snapshot:Snapshot":
                return new EbsSnapshot((region) => this.ec2(region), this.region, this.tags);
            case "aws:ebs/snapshotCopy:SnapshotCopy":
                return new EbsSnapshotCopy((region) => this.ec2(region), this.region, this.tags);
            case "aws:dlm/lifecyclePolicy:LifecyclePolicy":
                return new LifecyclePolicy((region) => this.ec2(region), this.region, this.tags);
            default:
                throw new Error(`the stand-in for aws has no ${token}`);
        }
    }

    public invoke(token: string, args: Properties): Promise<Properties> {
        switch (token) {
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                return this.getAvailabilityZones(args);
            case "aws:ebs/getVolume:getVolume":
                return this.getVolume(args);
            case "aws:ebs/getEbsVolumes:getEbsVolumes":
                return this.getEbsVolumes(args);
            case "aws:ebs/getSnapshotIds:getSnapshotIds":
                return this.getSnapshotIds(args);
            case "aws:ebs/getSnapshot:getSnapshot":
                return this.getSnapshot(args);
            case "aws:ec2/getInstances:getInstances":
                return this.getInstances(args);
            default:
                throw new Error(`the stand-in for aws has no ${token}`);
        }
    }

    private ec2(region: string): EC2Client {
        const known = this.clients.get(region);
        if (known) {
            return known;
        }
        const client = this.client(region);
        // After the engine has ended, nothing is sent or retried.
        client.middlewareStack.add(
            (next) => (args) => {
                clientSignal.getStore()?.throwIfAborted();
                return next(args);
            },
            { step: "finalizeRequest", priority: "low" },
        );
        this.clients.set(region, client);
        return client;
    }

    /** Sorted by name, like terraform-provider-aws, internal/service/ec2/ec2_availability_zones_data_source.go. */
    private async getAvailabilityZones({ filters, region = this.region }: Query): Promise<Properties> {
        const { AvailabilityZones: zones = [] } = await this.ec2(region).send(
            new DescribeAvailabilityZonesCommand({ Filters: asFilters(filters) }),
        );
        zones.sort((a, b) => String(a.ZoneName).localeCompare(String(b.ZoneName)));
        return {
            id: region,
            region,
            names: zones.map((zone) => zone.ZoneName),
            zoneIds: zones.map((zone) => zone.ZoneId),
            groupNames: [...new Set(zones.map((zone) => zone.GroupName ?? region))],
        };
    }

    /** The newest one, as with mostRecent. */
    private async getVolume({ filters, region = this.region }: Query): Promise<Properties> {
        const { Volumes = [] } = await this.ec2(region).send(
            new DescribeVolumesCommand({ Filters: asFilters(filters) }),
        );
        const [volume] = Volumes.sort((a, b) => Number(b.CreateTime) - Number(a.CreateTime));
        if (!volume) {
            throw new Error("no matching EC2 EBS Volume found");
        }
        const { type, ...outputs } = volumeOutputs(volume, region);
        const { tagsAll: tags } = this.tags.visibleTags(volume.Tags);
        return { ...outputs, tags, id: volume.VolumeId, volumeId: volume.VolumeId, volumeType: type };
    }

    private async getEbsVolumes({ filters, region = this.region }: Query): Promise<Properties> {
        const { Volumes = [] } = await this.ec2(region).send(
            new DescribeVolumesCommand({ Filters: asFilters(filters) }),
        );
        return { id: region, region, ids: Volumes.map(({ VolumeId }) => VolumeId) };
    }

    /** The newest one, as with mostRecent. */
    private async getSnapshot({ filters, region = this.region }: Query): Promise<Properties> {
        const [newest] = await this.snapshots(filters, region);
        if (!newest) {
            throw new Error("no matching EC2 EBS Snapshot found");
        }
        const { SnapshotId: id, VolumeId: volumeId, VolumeSize: volumeSize, StartTime } = newest;
        return { id, snapshotId: id, volumeId, volumeSize, startTime: StartTime?.toISOString() };
    }

    /** The newest first. */
    private async getSnapshotIds({ filters, region = this.region }: Query): Promise<Properties> {
        const ids = (await this.snapshots(filters, region)).map(({ SnapshotId }) => SnapshotId);
        return { id: region, region, ids };
    }

    private async snapshots(filters: Query["filters"], region: string): Promise<Snapshot[]> {
        const { Snapshots = [] } = await this.ec2(region).send(
            new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters: asFilters(filters) }),
        );
        return Snapshots.sort((a, b) => Number(b.StartTime) - Number(a.StartTime));
    }

    private async getInstances(args: Query & { instanceStateNames?: string[] }): Promise<Properties> {
        const { region = this.region } = args;
        const states = { name: "instance-state-name", values: args.instanceStateNames ?? ["running"] };
        const Filters = asFilters([...(args.filters ?? []), states]);
        const ids: (string | undefined)[] = [];
        let NextToken: string | undefined;
        do {
            const command = new DescribeInstancesCommand({ Filters, NextToken });
            command.middlewareStack.add(onlyIds, { step: "deserialize", priority: "low" });
            const page = await this.ec2(region).send(command);
            ids.push(
                ...(page.Reservations ?? []).flatMap(({ Instances = [] }) =>
                    Instances.map((one) => one.InstanceId),
                ),
            );
            NextToken = page.NextToken;
        } while (NextToken);
        return { id: region, region, ids, privateIps: [], publicIps: [], ipv6Addresses: [] };
    }
}

type OnAnswer = Parameters<DescribeInstancesCommand["middlewareStack"]["add"]>[0];

interface Query {
    readonly region?: string;
    readonly filters?: { name: string; values: string[] }[];
}

/**
 * Reduces EC2's answer to ids before the SDK parses it, which would take 0.2 s for 1,000 instances. The real provider
 * isn't JavaScript.
 */
const onlyIds: OnAnswer = (next) => async (args) => {
    const result = await next(args);
    const response = result.response as { statusCode: number; body: Readable };
    if (response.statusCode === 200) {
        const answer = await text(response.body);
        const ids = new Set(answer.match(/<instanceId>[^<]*<\/instanceId>/g));
        const [token = ""] = /<nextToken>[^<]*<\/nextToken>/.exec(answer) ?? [];
        const instances = [...ids].map((id) => `<item>${id}</item>`).join("");
        response.body = Readable.from([
            `<DescribeInstancesResponse><reservationSet><item><instancesSet>${instances}</instancesSet></item>` +
                `</reservationSet>${token}</DescribeInstancesResponse>`,
        ]);
    }
    return result;
};

function asFilters(filters: Query["filters"] = []): { Name: string; Values: string[] }[] {
    return filters.map(({ name, values }) => ({ Name: name, Values: values }));
}
