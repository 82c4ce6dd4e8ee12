import * as aws from "@pulumi/aws";
import { all, output } from "@pulumi/pulumi";
import type { InvokeOptions, Output, RunError } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "./args";
import { sortedDistinct } from "./plan";
import type { Disk } from "./plan";
import { userError } from "./problems";

const everyState = ["pending", "running", "shutting-down", "stopping", "stopped", "terminated"];

/**
 * The availability zones for new volumes, sorted: those given, or else those of the cluster's running
 * node instances. This file is the one place where AWS is queried: one call for the region's zones and,
 * unless zones are given, one more for each of them, whatever the number of nodes.
 *
 * @throws RunError, in the output, if a zone that is asked for doesn't exist, no node runs or AWS doesn't
 * answer.
 */
export function findZones(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<string[]> {
    const overrides = disks.map(({ ordinal, zone, volumeId }) => ({
        ordinal,
        zone,
        isPlaced: !!(zone ?? volumeId),
    }));
    return all([
        args.clusterName,
        output(args.nodes?.securityGroupName),
        output(args.zones),
        output(args.zoneByOrdinal),
        output(overrides),
    ]).apply(async ([clusterName, securityGroup = `nodes.${clusterName}`, zones, zoneByOrdinal, wanted]) => {
        const given = zoneByOrdinal ? Object.values(zoneByOrdinal) : zones;
        const region = await findRegion(given === undefined, opts);
        refuseUnknown(region, [
            ...(zones ?? []).map((zone) => ({ property: "zones", zone })),
            ...Object.entries(zoneByOrdinal ?? {}).map(([key, zone]) => ({
                property: `zoneByOrdinal.${key}`,
                zone,
            })),
            ...wanted.map(({ ordinal, zone }) => ({ property: `overrides.${ordinal}.zone`, zone })),
        ]);
        const unplaced = wanted.filter(
            ({ ordinal, isPlaced }) => zoneByOrdinal && !isPlaced && !(ordinal in zoneByOrdinal),
        );
        if (unplaced.length > 0) {
            throw userError(
                "there are ordinals without a zone",
                unplaced.map(
                    ({ ordinal }) => `zoneByOrdinal must have ordinal ${ordinal}: add it, or lower count`,
                ),
            );
        }
        return given ? sortedDistinct(given) : nodeZones(clusterName, securityGroup, region, opts);
    });
}

interface Region {
    readonly name: string;
    readonly zones: readonly string[];
}

async function findRegion(onlyFullZones: boolean, opts: InvokeOptions): Promise<Region> {
    // Local Zones and Wavelength Zones count only for those who name them.
    const filters = onlyFullZones ? [{ name: "zone-type", values: ["availability-zone"] }] : [];
    const { id, names } = await answer(aws.getAvailabilityZones({ filters }, opts), "availability zones");
    // A provider whose own settings aren't known yet answers nothing at all, which is not "no zones".
    if ((names as string[] | undefined) === undefined) {
        throw userError("the availability zones can't be queried yet", [
            "the AWS provider's settings depend on resources that don't exist yet: create those first " +
                "(pulumi up --target), or give the provider plain settings",
        ]);
    }
    return { name: id, zones: names };
}

function refuseUnknown(
    { name, zones }: Region,
    wanted: readonly { property: string; zone?: string }[],
): void {
    const unknown = wanted.filter(({ zone }) => zone !== undefined && !zones.includes(zone));
    if (unknown.length > 0) {
        throw userError(
            "there are no such availability zones",
            unknown.map(
                ({ property, zone }) => `${property} must be in ${zones.join(", ")} (${name}), got "${zone}"`,
            ),
        );
    }
}

async function nodeZones(
    clusterName: string,
    securityGroup: string,
    region: Region,
    opts: InvokeOptions,
): Promise<string[]> {
    const nodes = (states: string[], zone?: string) => {
        const filters = [{ name: "instance.group-name", values: [securityGroup] }];
        if (zone !== undefined) {
            filters.push({ name: "availability-zone", values: [zone] });
        }
        const call = aws.ec2.getInstances({ filters, instanceStateNames: states }, opts);
        return answer(call, "node instances").then(({ ids }) => ids);
    };
    const running = await Promise.all(region.zones.map((zone) => nodes(["running"], zone)));
    const zones = region.zones.filter((_, position) => running[position]?.length);
    if (zones.length === 0) {
        throw noNodes(clusterName, securityGroup, region, await nodes(everyState));
    }
    return sortedDistinct(zones);
}

function noNodes(
    clusterName: string,
    securityGroup: string,
    region: Region,
    others: readonly string[],
): RunError {
    const where = `in the security group "${securityGroup}" in ${region.name}`;
    return others.length > 0
        ? userError(`no node of the cluster "${clusterName}" is running`, [
              `there are ${others.length} instances ${where}, none of them running (${others.slice(0, 5).join(", ")}): ` +
                  "start the nodes, or give zones",
          ])
        : userError(`no node of the cluster "${clusterName}" was found`, [
              `there is no instance ${where}: check the cluster's name, the AWS account and the region, ` +
                  "give nodes.securityGroupName if the nodes are in another group, or give zones",
          ]);
}

/** An EBS volume that exists, as EC2 describes it. */
export interface ExistingVolume {
    readonly volumeId: string;
    readonly zone: string;
    readonly sizeGiB: number;
    /** Tags that its users will look for and that it lacks. */
    readonly missingTags: readonly string[];
}

/**
 * The volumes that overrides name by `volumeId`, by ordinal: one call for each.
 *
 * @throws RunError, in the output, if one doesn't exist or is the volume of another ordinal.
 */
export function findVolumes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<Readonly<Record<number, ExistingVolume>>> {
    const named = disks.flatMap(({ ordinal, volumeId }) =>
        volumeId === undefined ? [] : [{ ordinal, volumeId }],
    );
    return all([args.clusterName, output(named)]).apply(async ([clusterName, wanted]) => {
        const found = await Promise.all(
            wanted.map(async ({ ordinal, volumeId }) => ({
                ordinal,
                volumeId,
                volume: await findVolume(volumeId, opts),
            })),
        );
        const problems = found.flatMap(({ ordinal, volumeId, volume }) => {
            const owner = volume && ownerOf(volume, clusterName, disks);
            const rule = owner
                ? `must not be the volume of ordinal ${owner.ordinal} too`
                : "must be a volume of this account and region";
            return volume && !owner ? [] : [`overrides.${ordinal}.volumeId ${rule}, got "${volumeId}"`];
        });
        if (problems.length > 0) {
            throw userError("there are volumes that can't be used", problems);
        }
        return Object.fromEntries(
            found.flatMap(({ ordinal, volume }) =>
                volume ? [[ordinal, described(volume, clusterName)]] : [],
            ),
        );
    });
}

async function findVolume(id: string, opts: InvokeOptions): Promise<aws.ebs.GetVolumeResult | undefined> {
    const query = aws.ebs.getVolume({ filters: [{ name: "volume-id", values: [id] }] }, opts);
    try {
        return await query;
    } catch (error) {
        // terraform-provider-aws, internal/tfresource: "no matching EC2 EBS Volume found".
        if (error instanceof Error && /no matching|no results/.test(error.message)) {
            return undefined;
        }
        return answer(query, `volume ${id}`);
    }
}

/** The disk for which this storage made a volume, going by the volume's tags. */
function ownerOf(
    volume: aws.ebs.GetVolumeResult,
    clusterName: string,
    disks: readonly Disk[],
): Disk | undefined {
    const { KubernetesCluster, "kubernetes.io/created-for/pv/name": owner } = volume.tags;
    return disks.find(
        ({ persistentVolumeName, volumeId }) =>
            volumeId === undefined && KubernetesCluster === clusterName && owner === persistentVolumeName,
    );
}

function described(volume: aws.ebs.GetVolumeResult, clusterName: string): ExistingVolume {
    // Without these, IAM policies of kops and of the driver don't let the driver attach the volume.
    const needed = { KubernetesCluster: clusterName, "ebs.csi.aws.com/cluster": "true" };
    const missing = Object.entries(needed).filter(([key, value]) => volume.tags[key] !== value);
    return {
        volumeId: volume.volumeId,
        zone: volume.availabilityZone,
        sizeGiB: volume.size,
        missingTags: missing.map(([key, value]) => `${key}=${value}`),
    };
}

async function answer<T>(call: Promise<T>, what: string): Promise<T> {
    try {
        return await call;
    } catch (error) {
        throw userError(`AWS doesn't answer the query for ${what}`, [
            error instanceof Error ? error.message : String(error),
            "check the credentials, the region, the network and the rights to ec2:DescribeAvailabilityZones, " +
                "ec2:DescribeInstances and, for existing volumes, ec2:DescribeVolumes",
        ]);
    }
}
