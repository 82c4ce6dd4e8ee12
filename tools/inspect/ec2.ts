import { paginateDescribeVolumes } from "@aws-sdk/client-ec2";
import type { EC2Client, Filter, Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients";
import type { Cluster } from "./cluster";
import { clusterNamesOf } from "./clusterNames";
import type { NameSources } from "./clusterNames";
import { volumeIdOf } from "./persistentVolumes";
import type { State } from "./state";
import { tagsOf } from "./tags";

/** The volumes of an account's region, as far as they matter. */
export interface Ec2 {
    readonly region: string;
    /** Those that PersistentVolumes or the state name, and those with the tags of the clusters. */
    readonly volumes: readonly Volume[];
}

/** What says which volumes matter. */
export interface Wanted {
    readonly cluster: Pick<Cluster, "persistentVolumes">;
    readonly state: State | undefined;
}

/** EC2 takes at most this many values for a filter. */
export const filterValues = 200;

/** Volumes that matter, and the names of clusters in the tags of those that the cluster's PersistentVolumes are for. */
export async function readEc2(
    clients: Clients,
    { cluster, state }: Wanted,
    stackRegion: string | undefined,
    told: Pick<NameSources, "given" | "inState">,
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
            clusterNamesOf({ ...told, inTags }),
        );
        const volumes = new Map([...named, ...tagged].map((volume) => [volume.VolumeId, volume]));
        return { ec2: { region, volumes: [...volumes.values()] }, inTags };
    } finally {
        client.destroy();
    }
}

/** By a filter, since one id that doesn't exist fails a call that asks for ids. */
export async function describeVolumes(
    client: EC2Client,
    Name: string,
    values: readonly string[],
): Promise<Volume[]> {
    const found: Volume[] = [];
    for (let start = 0; start < values.length; start += filterValues) {
        const Filters: Filter[] = [{ Name, Values: values.slice(start, start + filterValues) }];
        for await (const { Volumes = [] } of paginateDescribeVolumes(
            { client, pageSize: 500 },
            { Filters },
        )) {
            found.push(...Volumes);
        }
    }
    return found;
}

/** The volumes that exist, by id: one that is being deleted doesn't. */
export function volumesById({ volumes }: Ec2): Map<string, Volume> {
    const existing = volumes.filter(({ State }) => State !== "deleting" && State !== "deleted");
    return new Map(existing.map((volume) => [volume.VolumeId ?? "", volume]));
}
