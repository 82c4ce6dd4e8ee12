import { paginateDescribeSnapshots } from "@aws-sdk/client-ec2";
import type { EC2Client, Snapshot } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients";
import { inParts, pageSize } from "./ec2";
import { messageOf } from "./errors";
import { remembered } from "./lookup";
import type { Note } from "./target";

/** Complete snapshots of the volumes, owned by this account: a move can be made from them. */
export async function readSnapshots(
    clients: Clients,
    ids: readonly string[],
    region: string,
    note: Note,
): Promise<Snapshot[] | undefined> {
    const client = clients.ec2(region);
    try {
        return await describeSnapshots(client, "volume-id", ids, ["completed"]);
    } catch (error) {
        note(`could not read snapshots: ${messageOf(error)}`);
        return undefined;
    } finally {
        client.destroy();
    }
}

/** Describes this account's snapshots by a filter, by default those that are complete or under way. */
export async function describeSnapshots(
    client: EC2Client,
    Name: string,
    values: readonly string[],
    states: string[] = ["completed", "pending"],
): Promise<Snapshot[]> {
    return inParts(values, async (Values) => {
        const found: Snapshot[] = [];
        const Filters = [
            { Name, Values },
            { Name: "status", Values: states },
            // Not the archive: restoring from it takes up to three days.
            { Name: "storage-tier", Values: ["standard"] },
        ];
        const asked = { OwnerIds: ["self"], Filters };
        for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client, pageSize }, asked)) {
            found.push(...Snapshots);
        }
        return found;
    });
}

/** The newest snapshot of each volume, by the volume's id. */
export const newestByVolume = remembered((snapshots: readonly Snapshot[]): ReadonlyMap<string, Snapshot> => {
    const byAge = [...snapshots].sort((a, b) => startOf(a) - startOf(b));
    return new Map(byAge.map((snapshot) => [snapshot.VolumeId ?? "", snapshot]));
});

/** When a snapshot was begun: its data are of that moment. */
export function startOf({ StartTime }: Snapshot): number {
    return StartTime?.getTime() ?? 0;
}
