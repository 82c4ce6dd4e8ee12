import { paginateDescribeVolumes } from "@aws-sdk/client-ec2";
import type { EC2Client, Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients";
import type { Cluster } from "./cluster";
import { clusterNamesOf } from "./clusterNames";
import type { NameSources } from "./clusterNames";
import { fewAtOnce } from "./fewAtOnce";
import { remembered } from "./lookup";
import { volumeIdOf } from "./persistentVolumes";
import type { State } from "./state";
import { tagsOf } from "./tags";

/** Volumes of an account in one region. */
export interface Ec2 {
    readonly region: string;
    /** Volumes named by PersistentVolumes or the state, and volumes with the clusters' tags. */
    readonly volumes: readonly Volume[];
}

/** Sources of volume ids. */
export interface VolumeReferences {
    readonly cluster: Pick<Cluster, "persistentVolumes">;
    readonly state: State | undefined;
}

/** Most values that EC2 accepts for one filter. */
const filterValues = 200;

/** Volumes or snapshots in one answer. */
export const pageSize = 500;

/** Reads the volumes, and the cluster names in the tags of those behind the cluster's PersistentVolumes. */
export async function readEc2(
    clients: Clients,
    { cluster, state }: VolumeReferences,
    stackRegion: string | undefined,
    known: Pick<NameSources, "given" | "inState">,
): Promise<{ ec2: Ec2; inTags: string[] }> {
    const client = clients.ec2(stackRegion);
    try {
        const region = await client.config.region();
        const inCluster = new Set(cluster.persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []));
        const ids = [...new Set([...inCluster, ...(state?.volumes ?? []).map(({ volumeId }) => volumeId)])];
        const named = await describeVolumes(client, "volume-id", ids);
        const inTags = named
            .filter(({ VolumeId = "" }) => inCluster.has(VolumeId))
            .flatMap((volume) => tagsOf(volume).KubernetesCluster ?? []);
        const tagged = await describeVolumes(
            client,
            "tag:KubernetesCluster",
            clusterNamesOf({ ...known, inTags }),
        );
        const volumes = new Map([...named, ...tagged].map((volume) => [volume.VolumeId, volume]));
        return { ec2: { region, volumes: [...volumes.values()] }, inTags };
    } finally {
        client.destroy();
    }
}

/** Runs a task with a client for a region. */
export async function withEc2<T>(
    clients: Clients,
    region: string,
    task: (client: EC2Client) => Promise<T>,
): Promise<T> {
    const client = clients.ec2(region);
    try {
        return await task(client);
    } finally {
        client.destroy();
    }
}

/** Describes volumes by a filter: a call by ids fails if one of them doesn't exist. */
export async function describeVolumes(
    client: EC2Client,
    Name: string,
    values: readonly string[],
): Promise<Volume[]> {
    return inParts(values, async (Values) => {
        const found: Volume[] = [];
        const asked = { Filters: [{ Name, Values }] };
        for await (const { Volumes = [] } of paginateDescribeVolumes({ client, pageSize }, asked)) {
            found.push(...Volumes);
        }
        return found;
    });
}

/** Asks about many values in several questions, each with as many as a filter takes. */
export async function inParts<T>(
    values: readonly string[],
    ask: (part: string[]) => Promise<readonly T[]>,
): Promise<T[]> {
    const parts = Array.from({ length: Math.ceil(values.length / filterValues) }, (_, part) =>
        values.slice(part * filterValues, (part + 1) * filterValues),
    );
    return (await fewAtOnce(parts, ask)).flat();
}

/** Volumes by id, without those that are being deleted. */
export const volumesById = remembered(({ volumes }: Ec2): ReadonlyMap<string, Volume> => {
    const existing = volumes.filter(({ State }) => State !== "deleting" && State !== "deleted");
    return new Map(existing.map((volume) => [volume.VolumeId ?? "", volume]));
});
