import { paginateDescribeSnapshots } from "@aws-sdk/client-ec2";
import type { Snapshot } from "@aws-sdk/client-ec2";
import { printable } from "../../components/validation/problems";
import {
    ec2ClientFor,
    filterValues,
    lookAtAccount,
    lookAtCluster,
    lookAtStack,
    messageOf,
} from "../inspect/inventory";
import type { Options } from "../inspect/inventory";
import { volumeIdOf } from "../inspect/seen";
import type { Cluster, Ec2 } from "../inspect/seen";
import type { State } from "../inspect/state";

/** Everything that a map is drawn from. What couldn't be looked at is undefined. */
export interface Sight {
    readonly state?: State;
    readonly cluster?: Cluster;
    readonly ec2?: Ec2;
    /** Complete snapshots of the volumes, without those in the archive. */
    readonly snapshots?: readonly Snapshot[];
    readonly clusterNames: readonly string[];
    /** What couldn't be looked at, and why. */
    readonly unseen: readonly string[];
    readonly at: Date;
}

/**
 * Looks where the doctor looks, and at the snapshots. A map needs the cluster or the state, and is the better
 * the more of the rest is there.
 *
 * @throws Error if there is neither, or what the options name can't be read.
 */
export async function lookAround(options: Options): Promise<Sight> {
    const unseen: string[] = [];
    const note = (line: string) => void unseen.push(line);
    const [cluster, state] = await Promise.all([
        lookAtCluster(note).catch((error: unknown) => note(messageOf(error))),
        lookAtStack(options, note),
    ]);
    if (!cluster && !state) {
        throw new Error(["there is nothing to draw a map of:", ...unseen.map(printable)].join("\n  - "));
    }
    const known = { cluster: cluster ?? { persistentVolumes: [] }, state };
    const { ec2, clusterNames } = await lookAtAccount(known, options, note);
    const ids = [
        ...(ec2?.volumes ?? []).flatMap(({ VolumeId }) => VolumeId ?? []),
        // A volume that is gone may have snapshots.
        ...known.cluster.persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...(state?.volumes ?? []).map(({ volumeId }) => volumeId),
    ];
    const snapshots = ec2 && (await snapshotsOf([...new Set(ids)], ec2.region, note));
    return { state, cluster: cluster ?? undefined, ec2, snapshots, clusterNames, unseen, at: new Date() };
}

/** Complete snapshots of the volumes, of this account: those that a move can be made from. */
async function snapshotsOf(
    ids: readonly string[],
    region: string,
    note: (line: string) => void,
): Promise<Snapshot[] | undefined> {
    const client = ec2ClientFor(region);
    const found: Snapshot[] = [];
    try {
        for (let start = 0; start < ids.length; start += filterValues) {
            const Filters = [
                { Name: "volume-id", Values: ids.slice(start, start + filterValues) },
                { Name: "status", Values: ["completed"] },
                // One from the archive would first have to be restored, which takes up to three days.
                { Name: "storage-tier", Values: ["standard"] },
            ];
            const asked = { OwnerIds: ["self"], Filters };
            for await (const { Snapshots = [] } of paginateDescribeSnapshots(
                { client, pageSize: 500 },
                asked,
            )) {
                found.push(...Snapshots);
            }
        }
        return found;
    } catch (error) {
        note(`snapshots weren't looked at: ${messageOf(error)}`);
        return undefined;
    } finally {
        client.destroy();
    }
}
