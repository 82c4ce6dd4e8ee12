import { paginateDescribeSnapshots } from "@aws-sdk/client-ec2";
import type { Snapshot } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients";
import { inParts, pageSize } from "./ec2";
import { messageOf } from "./errors";
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
        return await inParts(ids, async (Values) => {
            const found: Snapshot[] = [];
            const Filters = [
                { Name: "volume-id", Values },
                { Name: "status", Values: ["completed"] },
                // Not the archive: restoring from it takes up to three days.
                { Name: "storage-tier", Values: ["standard"] },
            ];
            const asked = { OwnerIds: ["self"], Filters };
            for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client, pageSize }, asked)) {
                found.push(...Snapshots);
            }
            return found;
        });
    } catch (error) {
        note(`could not read snapshots: ${messageOf(error)}`);
        return undefined;
    } finally {
        client.destroy();
    }
}
