import * as ebs from "@pulumi/aws/ebs";
import type { InvokeOptions } from "@pulumi/pulumi";
import { answer, undefinedIfNotFound } from "./answers";
import type { Answer } from "./answers";
import { madeFor } from "./awsQueries";

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
