import * as ebs from "@pulumi/aws/ebs";
import * as ec2 from "@pulumi/aws/ec2";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import type { InvokeOptions } from "@pulumi/pulumi";
import type { Filter } from "../plan/nodeFilters";
import { answer, undefinedIfNotFound } from "./answers";
import type { Answer } from "./answers";
import { shared } from "./sharedAnswers";

// This file and snapshotQueries.ts are the places where AWS is queried.

const zonesQuery = {
    token: "aws:index/getAvailabilityZones:getAvailabilityZones",
    fields: { id: "must be the name of the region", names: "must be the names of the region's zones" },
};
const instancesQuery = {
    token: "aws:ec2/getInstances:getInstances",
    fields: { ids: "must be the ids of the instances that pass the filters" },
};
const volumeQuery = {
    token: "aws:ebs/getVolume:getVolume",
    fields: {
        volumeId: "must be the id of the volume",
        availabilityZone: "must be the name of its zone",
        size: "must be its size in GiB",
        tags: "must be a map of its tags",
    },
};
const newestVolumeQuery = {
    token: volumeQuery.token,
    fields: {
        volumeId: volumeQuery.fields.volumeId,
        createTime: "must be the time at which it was created",
    },
};
const volumesQuery = {
    token: "aws:ebs/getEbsVolumes:getEbsVolumes",
    fields: { ids: "must be the ids of the volumes that pass the filters" },
};

/** Filters of what was made for some PersistentVolumes of a cluster. */
export const madeFor = (clusterName: string, persistentVolumes: string[]) => [
    { name: "tag:KubernetesCluster", values: [clusterName] },
    { name: "tag:kubernetes.io/created-for/pv/name", values: persistentVolumes },
];

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
    const args = { filters, region: argument };
    const call = shared(zonesQuery.token, args, opts, () => getAvailabilityZones(args, opts));
    const { id, names, zoneIds = [] } = await answer(call, "availability zones", zonesQuery);
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
    return instanceIds([...filters, ...inZone], states, region.argument, opts);
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
    return instanceIds([...filters], ["pending", "running", "stopping", "stopped"], region, opts);
}

async function instanceIds(
    filters: Filter[],
    instanceStateNames: string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const args = { filters, instanceStateNames, region };
    const call = shared(instancesQuery.token, args, opts, () => ec2.getInstances(args, opts));
    return (await answer(call, "node instances", instancesQuery)).ids;
}

/**
 * Which of some volumes are attached to one of some instances, in one call for 100 volumes and 100 instances.
 *
 * @throws RunError if the query fails.
 */
export function queryAttachedTo(
    volumeIds: readonly string[],
    instanceIds: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return inParts(instanceIds, (instances) => {
        const attached = { name: "attachment.instance-id", values: instances };
        return volumesWith(volumeIds, attached, "attached volumes", region, opts);
    });
}

/** A volume as EC2 describes it. */
export type QueriedVolume = Answer<ebs.GetVolumeResult, keyof typeof volumeQuery.fields>;

/**
 * A volume, in one call; undefined if there is none of that id.
 *
 * @throws RunError if the query fails.
 */
export async function queryVolume(
    id: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<QueriedVolume | undefined> {
    const call = ebs.getVolume({ filters: [{ name: "volume-id", values: [id] }], region }, opts);
    return undefinedIfNotFound(call, `volume ${id}`, volumeQuery);
}

/** A volume and when it was made. */
export type DatedVolume = Answer<ebs.GetVolumeResult, keyof typeof newestVolumeQuery.fields>;

/**
 * The last volume that was made for a PersistentVolume of a cluster, in one call; undefined if EC2 has none.
 *
 * @throws RunError if the query fails.
 */
export async function queryLastMadeFor(
    clusterName: string,
    persistentVolume: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<DatedVolume | undefined> {
    const filters = madeFor(clusterName, [persistentVolume]);
    const call = ebs.getVolume({ filters, mostRecent: true, region }, opts);
    return undefinedIfNotFound(call, `volumes of PersistentVolume ${persistentVolume}`, newestVolumeQuery);
}

/**
 * Which of some volumes have one of some tags, in one call for 100 of them. EC2 looks for itself: the provider's
 * `ignoreTags` hides nothing from it.
 *
 * @throws RunError if the query fails.
 */
export function queryTagged(
    volumeIds: readonly string[],
    keys: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return volumesWith(volumeIds, { name: "tag-key", values: [...keys] }, "tags of volumes", region, opts);
}

/**
 * Ids of a cluster's volumes that were made for some PersistentVolumes, in one call for 100 of them.
 *
 * @throws RunError if the query fails.
 */
export function queryMadeFor(
    clusterName: string,
    persistentVolumes: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return inParts(persistentVolumes, (some) =>
        volumeIdsOf(madeFor(clusterName, some), "volumes made before", region, opts),
    );
}

/**
 * Which of some volumes have a status, in one call for 100 of them.
 *
 * @throws RunError if the query fails.
 */
export function queryWithStatus(
    volumeIds: readonly string[],
    status: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return volumesWith(
        volumeIds,
        { name: "status", values: [status] },
        "the status of volumes",
        region,
        opts,
    );
}

function volumesWith(
    volumeIds: readonly string[],
    filter: Filter,
    subject: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return inParts(volumeIds, (some) =>
        volumeIdsOf([{ name: "volume-id", values: some }, filter], subject, region, opts),
    );
}

async function volumeIdsOf(
    filters: Filter[],
    subject: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    return (await answer(ebs.getEbsVolumes({ filters, region }, opts), subject, volumesQuery)).ids;
}

/**
 * All that questions for parts of a list find. EC2 takes 200 values of a filter, or of all filters together
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html; stored copies, read on 2026-11-27, differ): no
 * question has two lists of more than 100.
 */
async function inParts(
    values: readonly string[],
    ask: (some: string[]) => Promise<string[]>,
): Promise<string[]> {
    const found: string[] = [];
    for (let start = 0; start < values.length; start += 100) {
        found.push(...(await ask(values.slice(start, start + 100))));
    }
    return found;
}
