import {
    DescribeAvailabilityZonesCommand,
    DescribeInstancesCommand,
    DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { EbsVolume, volumeOutputs } from "./ebsVolume";
import { sdkVersion } from "./provider";
import type { Properties, Provider, ResourceType } from "./provider";

/** Stands in for @pulumi/aws: EBS volumes and the two queries that the component makes. */
export class AwsProvider implements Provider {
    public readonly name = "aws";
    public readonly version = sdkVersion("aws");

    public constructor(
        private readonly ec2: EC2Client,
        private readonly region: string,
    ) {}

    public resourceType(token: string): ResourceType {
        if (token !== "aws:ebs/volume:Volume") {
            throw new Error(`the stand-in for aws has no ${token}`);
        }
        return new EbsVolume(this.ec2, this.region);
    }

    public invoke(token: string, args: Properties): Promise<Properties> {
        switch (token) {
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                return this.getAvailabilityZones(args);
            case "aws:ebs/getVolume:getVolume":
                return this.getVolume(args);
            case "aws:ec2/getInstances:getInstances":
                return this.getInstances(args);
            default:
                throw new Error(`the stand-in for aws has no ${token}`);
        }
    }

    private async getAvailabilityZones({ filters }: Query): Promise<Properties> {
        const { AvailabilityZones = [] } = await this.ec2.send(
            new DescribeAvailabilityZonesCommand({ Filters: asFilters(filters) }),
        );
        return {
            id: this.region,
            names: AvailabilityZones.map((zone) => zone.ZoneName),
            zoneIds: AvailabilityZones.map((zone) => zone.ZoneId),
            groupNames: AvailabilityZones.map((zone) => zone.GroupName ?? this.region),
        };
    }

    private async getVolume({ filters }: Query): Promise<Properties> {
        const { Volumes = [] } = await this.ec2.send(
            new DescribeVolumesCommand({ Filters: asFilters(filters) }),
        );
        const [volume] = Volumes;
        if (!volume) {
            throw new Error("no matching EC2 EBS Volume found");
        }
        const { type, ...outputs } = volumeOutputs(volume, this.region);
        return { ...outputs, id: volume.VolumeId, volumeId: volume.VolumeId, volumeType: type };
    }

    private async getInstances(args: Query & { instanceStateNames?: string[] }): Promise<Properties> {
        const states = { name: "instance-state-name", values: args.instanceStateNames ?? ["running"] };
        const Filters = asFilters([...(args.filters ?? []), states]);
        const ids: (string | undefined)[] = [];
        let NextToken: string | undefined;
        do {
            const page = await this.ec2.send(new DescribeInstancesCommand({ Filters, NextToken }));
            ids.push(
                ...(page.Reservations ?? []).flatMap(({ Instances = [] }) =>
                    Instances.map((one) => one.InstanceId),
                ),
            );
            NextToken = page.NextToken;
        } while (NextToken);
        return { id: this.region, ids, privateIps: [], publicIps: [], ipv6Addresses: [] };
    }
}

interface Query {
    readonly filters?: { name: string; values: string[] }[];
}

function asFilters(filters: Query["filters"] = []): { Name: string; Values: string[] }[] {
    return filters.map(({ name, values }) => ({ Name: name, Values: values }));
}
