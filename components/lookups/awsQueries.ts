import * as ebs from "@pulumi/aws/ebs";
import * as ec2 from "@pulumi/aws/ec2";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import type { InvokeOptions } from "@pulumi/pulumi";
import type { Filter } from "../plan/nodeFilters";
import { answer, undefinedIfNotFound } from "./answers";
import type { Answer } from "./answers";

// This file is the one place where AWS is queried.

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
const snapshotQuery = {
    token: "aws:ebs/getSnapshot:getSnapshot",
    fields: { snapshotId: "must be the id of the snapshot" },
};
const snapshotDetailsQuery = {
    token: snapshotQuery.token,
    fields: {
        ...snapshotQuery.fields,
        startTime: "must be the time at which it was begun",
        volumeId: "must be the id of its volume",
        volumeSize: "must be the size of its volume in GiB",
    },
};
const snapshotsQuery = {
    token: "aws:ebs/getSnapshotIds:getSnapshotIds",
    fields: { ids: "must be the ids of the snapshots that pass the filters" },
};

/** Filters of snapshots that volumes can be made from. */
const usable = [
    { name: "status", values: ["completed"] },
    // One from the archive would first have to be restored, which takes up to three days.
    { name: "storage-tier", values: ["standard"] },
];

/** Filters of what was made for some PersistentVolumes of a cluster. */
const madeFor = (clusterName: string, persistentVolumes: string[]) => [
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
    const call = getAvailabilityZones({ filters, region: argument }, opts);
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
    const call = ec2.getInstances(
        { filters: [...filters, ...inZone], instanceStateNames: states, region: region.argument },
        opts,
    );
    return (await answer(call, "node instances", instancesQuery)).ids;
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
    return (await answer(call, "node instances", instancesQuery)).ids;
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
        found.push(...(await answer(call, "attached volumes", volumesQuery)).ids);
    }
    return found;
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
    return (await answer(ebs.getEbsVolumes({ filters, region }, opts), "tags of volumes", volumesQuery)).ids;
}

/**
 * Ids of a cluster's volumes that were made for some PersistentVolumes, in one call for 200 of them: EC2 takes no more
 * values of a filter.
 *
 * @throws RunError if the query fails.
 */
export async function queryMadeFor(
    clusterName: string,
    persistentVolumes: readonly string[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const found: string[] = [];
    for (let start = 0; start < persistentVolumes.length; start += 200) {
        const filters = madeFor(clusterName, persistentVolumes.slice(start, start + 200));
        const call = ebs.getEbsVolumes({ filters, region }, opts);
        found.push(...(await answer(call, "volumes made before", volumesQuery)).ids);
    }
    return found;
}

/** A snapshot as EC2 describes it. */
export type QueriedSnapshot = Answer<ebs.GetSnapshotResult, keyof typeof snapshotQuery.fields>;

/**
 * A volume's newest complete snapshot, in one call; undefined if there is none.
 *
 * @throws RunError if the query fails.
 */
export async function queryNewestSnapshot(
    volumeId: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<QueriedSnapshot | undefined> {
    const filters = [{ name: "volume-id", values: [volumeId] }, ...usable];
    const call = ebs.getSnapshot({ filters, mostRecent: true, owners: ["self"], region }, opts);
    return undefinedIfNotFound(call, `snapshots of ${volumeId}`, snapshotQuery);
}

/** A snapshot with all that a new volume has to go by. */
export type DescribedSnapshot = Answer<ebs.GetSnapshotResult, keyof typeof snapshotDetailsQuery.fields>;

/**
 * A snapshot, in one call; undefined if there is none of that id.
 *
 * @throws RunError if the query fails.
 */
export async function querySnapshot(
    id: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<DescribedSnapshot | undefined> {
    const call = ebs.getSnapshot({ filters: [{ name: "snapshot-id", values: [id] }], region }, opts);
    return undefinedIfNotFound(call, `snapshot ${id}`, snapshotDetailsQuery);
}

/**
 * Ids of the complete snapshots of volumes that were made for a PersistentVolume of a cluster, in one call: the newest
 * first (terraform-provider-aws, website/docs/d/ebs_snapshot_ids.html.markdown, read on 2026-11-27).
 *
 * @throws RunError if the query fails.
 */
export async function querySnapshotsMadeFor(
    clusterName: string,
    persistentVolume: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const filters = [...madeFor(clusterName, [persistentVolume]), ...usable];
    const call = ebs.getSnapshotIds({ filters, owners: ["self"], region }, opts);
    return (await answer(call, `snapshots of PersistentVolume ${persistentVolume}`, snapshotsQuery)).ids;
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
    return (await queryWithStatus([volumeId], "in-use", region, opts)).length > 0;
}

/**
 * Which of some volumes, at most 200, have a status, in one call.
 *
 * @throws RunError if the query fails.
 */
export async function queryWithStatus(
    volumeIds: string[],
    status: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const filters = [
        { name: "volume-id", values: volumeIds },
        { name: "status", values: [status] },
    ];
    const call = ebs.getEbsVolumes({ filters, region }, opts);
    return (await answer(call, `the status of ${volumeIds.join(", ")}`, volumesQuery)).ids;
}
