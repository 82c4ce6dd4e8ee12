import * as ebs from "@pulumi/aws/ebs";
import * as ec2 from "@pulumi/aws/ec2";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import type { InvokeOptions } from "@pulumi/pulumi";
import type { Filter } from "../plan/nodeFilters";
import { messageOf, userError } from "../validation/problems";

// This file is the one place where AWS is queried.

/** A region and its availability zones, in no order. */
export interface Region {
    readonly name: string;
    /** The argument of calls: undefined for the provider's own region. */
    readonly argument: string | undefined;
    readonly zones: readonly string[];
    /** Names of the zones by id. */
    readonly zonesById: Readonly<Record<string, string>>;
}

/**
 * The region's zones, in one call.
 *
 * @param argument - The region; the provider's own if undefined.
 * @param allTypes - Whether Local Zones and Wavelength Zones that the account has opted in to count.
 * @throws RunError if the query fails.
 */
export async function queryRegion(
    argument: string | undefined,
    allTypes: boolean,
    opts: InvokeOptions,
): Promise<Region> {
    const filters = allTypes ? [] : [{ name: "zone-type", values: ["availability-zone"] }];
    const call = getAvailabilityZones({ filters, region: argument }, opts);
    const answered: Partial<Awaited<typeof call>> = await answer(call, "availability zones");
    const { id, names, zoneIds = [] } = answered;
    // A provider whose own settings aren't known yet answers nothing at all, which is not "no zones".
    if (id === undefined || names === undefined) {
        throw userError("the availability zones can't be queried yet", [
            "the AWS provider's settings depend on resources that don't exist yet: create those first " +
                "(pulumi up --target), or give the provider plain settings",
        ]);
    }
    const zonesById: Record<string, string> = {};
    for (const [position, zone] of names.entries()) {
        zonesById[zoneIds[position] ?? zone] = zone;
    }
    return {
        name: id,
        argument,
        zones: names,
        zonesById,
    };
}

/** Which instances to look for. */
export interface NodeQuery {
    readonly region: Region;
    /** Filters that all of the instances pass. */
    readonly filters: readonly Filter[];
    /** States that count, such as running. */
    readonly states: string[];
    /** The one zone to look into; all of them if left out. */
    readonly zone?: string;
}

/**
 * Ids of instances, in one call (EC2 itself has pages of at most 1,000).
 *
 * @throws RunError if the query fails.
 */
export async function queryInstances(
    { region, filters, states, zone }: NodeQuery,
    opts: InvokeOptions,
): Promise<string[]> {
    const inZone = zone === undefined ? [] : [{ name: "availability-zone", values: [zone] }];
    const call = ec2.getInstances(
        { filters: [...filters, ...inZone], instanceStateNames: states, region: region.argument },
        opts,
    );
    return (await answer(call, "node instances")).ids;
}

/**
 * Ids of all of a cluster's node instances, whatever their state and zone, in one call.
 *
 * @throws RunError if the query fails.
 */
export async function queryNodes(
    filters: readonly Filter[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const instanceStateNames = ["pending", "running", "stopping", "stopped"];
    const call = ec2.getInstances({ filters: [...filters], instanceStateNames, region }, opts);
    return (await answer(call, "node instances")).ids;
}

/**
 * Which of some volumes are attached to one of some instances, in one call for 200 instances: EC2 takes no more
 * values of a filter.
 *
 * @throws RunError if the query fails.
 */
export async function queryAttachedTo(
    volumeIds: string[],
    instanceIds: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const found: string[] = [];
    for (let start = 0; start < instanceIds.length; start += 200) {
        const filters = [
            { name: "volume-id", values: volumeIds },
            { name: "attachment.instance-id", values: instanceIds.slice(start, start + 200) },
        ];
        const call = ebs.getEbsVolumes({ filters, region }, opts);
        found.push(...(await answer(call, "attached volumes")).ids);
    }
    return found;
}

/**
 * A volume, in one call; undefined if there is none of that id.
 *
 * @throws RunError if the query fails.
 */
export async function queryVolume(
    id: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<ebs.GetVolumeResult | undefined> {
    const call = ebs.getVolume({ filters: [{ name: "volume-id", values: [id] }], region }, opts);
    return undefinedIfNotFound(call, `volume ${id}`);
}

/**
 * Which of some volumes have one of some tags, in one call. EC2 looks for itself: the provider's `ignoreTags` hides
 * nothing from it.
 *
 * @throws RunError if the query fails.
 */
export async function queryTagged(
    volumeIds: string[],
    keys: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const filters = [
        { name: "volume-id", values: volumeIds },
        { name: "tag-key", values: [...keys] },
    ];
    return (await answer(ebs.getEbsVolumes({ filters, region }, opts), "tags of volumes")).ids;
}

/**
 * Id of a volume's newest complete snapshot, in one call; undefined if there is none.
 *
 * @throws RunError if the query fails.
 */
export async function queryNewestSnapshot(
    volumeId: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string | undefined> {
    const filters = [
        { name: "volume-id", values: [volumeId] },
        { name: "status", values: ["completed"] },
        // One from the archive would first have to be restored, which takes up to three days.
        { name: "storage-tier", values: ["standard"] },
    ];
    const call = ebs.getSnapshot({ filters, mostRecent: true, owners: ["self"], region }, opts);
    return (await undefinedIfNotFound(call, `snapshots of ${volumeId}`))?.snapshotId;
}

/**
 * Whether a volume is attached to an instance, in one call.
 *
 * @throws RunError if the query fails.
 */
export async function queryIsAttached(
    volumeId: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<boolean> {
    const filters = [
        { name: "volume-id", values: [volumeId] },
        { name: "status", values: ["in-use"] },
    ];
    return (await answer(ebs.getEbsVolumes({ filters, region }, opts), `volume ${volumeId}`)).ids.length > 0;
}

/** The answer of a query that fails where nothing matches. */
async function undefinedIfNotFound<T>(call: Promise<T>, what: string): Promise<T | undefined> {
    try {
        return await call;
    } catch (error) {
        // terraform-provider-aws, internal/tfresource: "no matching EC2 EBS Volume found".
        if (error instanceof Error && /no matching|no results/.test(error.message)) {
            return undefined;
        }
        throw queryError(error, what);
    }
}

async function answer<T>(call: Promise<T>, what: string): Promise<T> {
    try {
        return await call;
    } catch (error) {
        throw queryError(error, what);
    }
}

function queryError(error: unknown, what: string): Error {
    return userError(`could not query ${what}`, [
        messageOf(error),
        "check the credentials, the region, the network and the rights to ec2:DescribeAvailabilityZones, " +
            "ec2:DescribeInstances and, for existing volumes and moves, ec2:DescribeVolumes and ec2:DescribeSnapshots",
    ]);
}
