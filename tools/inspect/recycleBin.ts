import {
    ListVolumesInRecycleBinCommand,
    paginateDescribeTags,
    paginateListSnapshotsInRecycleBin,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients";
import { inParts, pageSize } from "./ec2";
import type { VolumeReferences } from "./ec2";
import { messageOf } from "./errors";
import { volumeIdOf } from "./persistentVolumes";
import type { State } from "./state";
import { ownerTag } from "./tags";
import type { Note } from "./target";

/** A volume or a snapshot in the Recycle Bin. */
export interface Deleted {
    readonly kind: "volume" | "snapshot";
    readonly id: string;
    /** The volume itself, or that of the snapshot. */
    readonly volumeId: string;
    readonly sizeGiB?: number;
    /** The volume that it is a copy of. */
    readonly sourceVolumeId?: string;
    readonly at?: Date;
    /** When it will be deleted for good. */
    readonly until?: Date;
    /** Name of the PersistentVolume that the volume was made for, if its tags tell. */
    readonly owner?: string;
}

/** Facts that tell a cluster's disks from those of others in the account. */
export interface OwnDisks {
    readonly cluster: VolumeReferences["cluster"];
    readonly state?: State;
    readonly clusterNames: readonly string[];
}

/** Reads what lies in the Recycle Bin of a cluster's disks; undefined if it can't be read. */
export async function readRecycleBin(
    clients: Clients,
    own: OwnDisks,
    region: string,
    note: Note,
): Promise<Deleted[] | undefined> {
    const client = clients.ec2(region);
    try {
        const deleted = (await Promise.all([deletedVolumes(client), deletedSnapshots(client)])).flat();
        return ofCluster(deleted, await readTags(client, deleted), own);
    } catch (error) {
        note(`could not read the Recycle Bin: ${messageOf(error)}`);
        return undefined;
    } finally {
        client.destroy();
    }
}

/** Page by page: the SDK has no paginator for volumes. */
async function deletedVolumes(client: EC2Client, NextToken?: string): Promise<Deleted[]> {
    const asked = new ListVolumesInRecycleBinCommand({ MaxResults: pageSize, NextToken });
    const { Volumes = [], NextToken: next } = await client.send(asked);
    const found = Volumes.map(({ VolumeId: id = "", Size, SourceVolumeId, ...times }) => ({
        ...{ kind: "volume" as const, id, volumeId: id, sizeGiB: Size, sourceVolumeId: SourceVolumeId },
        ...{ at: times.RecycleBinEnterTime, until: times.RecycleBinExitTime },
    }));
    return next ? [...found, ...(await deletedVolumes(client, next))] : found;
}

async function deletedSnapshots(client: EC2Client): Promise<Deleted[]> {
    const found: Deleted[] = [];
    for await (const { Snapshots = [] } of paginateListSnapshotsInRecycleBin({ client, pageSize }, {})) {
        for (const { SnapshotId: id = "", VolumeId = "", ...times } of Snapshots) {
            const { RecycleBinEnterTime: at, RecycleBinExitTime: until } = times;
            found.push({ kind: "snapshot", id, volumeId: VolumeId, at, until });
        }
    }
    return found;
}

/** The volume of every copy of a snapshot: not one that exists (API_Snapshot, read on 2026-11-27). */
const noVolume = "vol-ffffffff";

type Tags = Readonly<Record<string, string>>;

/** Tags by resource: the lists of the Recycle Bin don't have them. */
async function readTags(client: EC2Client, deleted: readonly Deleted[]): Promise<Map<string, Tags>> {
    const ids = deleted.map(({ id }) => id);
    const tags = await inParts(ids, async (Values) => {
        const found: [string, string, string][] = [];
        const Filters = [
            { Name: "resource-id", Values },
            { Name: "key", Values: ["KubernetesCluster", ownerTag] },
        ];
        for await (const { Tags = [] } of paginateDescribeTags({ client, pageSize }, { Filters })) {
            Tags.forEach(({ ResourceId = "", Key = "", Value = "" }) => found.push([ResourceId, Key, Value]));
        }
        return found;
    });
    const byId = new Map<string, Tags>();
    tags.forEach(([id, key, value]) => byId.set(id, { ...byId.get(id), [key]: value }));
    return byId;
}

/** Others share the account: what is theirs is left out. */
function ofCluster(
    deleted: readonly Deleted[],
    tags: ReadonlyMap<string, Tags>,
    { cluster, state, clusterNames }: OwnDisks,
): Deleted[] {
    const known = new Set([
        ...cluster.persistentVolumes.map(volumeIdOf),
        ...(state?.volumes ?? []).map(({ volumeId }) => volumeId),
    ]);
    return deleted.flatMap((one) => {
        const { KubernetesCluster = "", [ownerTag]: owner } = tags.get(one.id) ?? {};
        const isOurs = known.has(one.volumeId) || clusterNames.includes(KubernetesCluster);
        return isOurs && one.volumeId !== noVolume ? [{ ...one, owner }] : [];
    });
}
