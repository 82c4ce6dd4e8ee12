import { CreateTagsCommand, DeleteTagsCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, Volume } from "@aws-sdk/client-ec2";
import { CsiDriver } from "../../../components/args/persistentVolumeArgs";
import { isReservedTag, volumeTags } from "../../../components/plan/tags";
import { messageOf } from "../../inspect/errors";
import { tagsOf } from "../../inspect/tags";
import type { ExistingDisk } from "../existingDisk";

/** The change of a volume's tags by which it becomes another cluster's. */
export interface TagChange {
    readonly volumeId: string;
    readonly set: Readonly<Record<string, string>>;
    readonly removed: readonly string[];
}

/**
 * The change by which a volume becomes a cluster's: the tags that the component sets, in place of all that belong to the
 * former cluster. Tags of other tools stay, and so does a `Name` that somebody else has given.
 *
 * @returns undefined if it is the cluster's already.
 */
export function tagChange(
    disk: ExistingDisk,
    volume: Volume,
    former: string,
    cluster: string,
): TagChange | undefined {
    const has = tagsOf(volume);
    // It is set last.
    if (has["KubernetesCluster"] === cluster) {
        return undefined;
    }
    const isAutoMode = disk.shape.csiDriver === CsiDriver.eksAutoMode;
    const tagsFor = (name: string) =>
        volumeTags(name, disk.name, isAutoMode ? CsiDriver.eksAutoMode : CsiDriver.ebs, disk.claim);
    const { Name, ...wanted } = tagsFor(cluster);
    const isNamed = has["Name"] !== undefined && has["Name"] !== tagsFor(former)["Name"];
    const set = { ...wanted, ...(!isNamed && Name !== undefined && { Name }) };
    return {
        volumeId: disk.volumeId,
        set: Object.fromEntries(Object.entries(set).filter(([key, value]) => has[key] !== value)),
        // Tags that begin with aws: are AWS', and can't be removed.
        removed: Object.keys(has).filter(
            (key) => isReservedTag(key) && !key.startsWith("aws:") && wanted[key] === undefined,
        ),
    };
}

/** Changes the tags of volumes. The new ones come last: until then each is the former cluster's. */
export async function changeTags(client: EC2Client, changes: readonly TagChange[]): Promise<void> {
    for (const { volumeId, set, removed } of changes) {
        const Resources = [volumeId];
        try {
            if (removed.length > 0) {
                const keys = removed.map((Key) => ({ Key }));
                await client.send(new DeleteTagsCommand({ Resources, Tags: keys }));
            }
            const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
            await client.send(new CreateTagsCommand({ Resources, Tags }));
        } catch (error) {
            throw new Error(`could not change the tags of volume ${volumeId}: ${messageOf(error)}`);
        }
    }
}
