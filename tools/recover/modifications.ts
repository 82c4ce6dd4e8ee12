import { DescribeVolumesModificationsCommand } from "@aws-sdk/client-ec2";
import type { Clients } from "../inspect/clients";
import { regionOf } from "../inspect/stack";
import { readPreview } from "./preview";
import type { Pulumi } from "./pulumi";
import { readRecoverState } from "./recoverState";

/**
 * Volumes that EC2 is still modifying, where nothing else is why a preview shows changes: until EC2 is done it describes
 * a volume as it was before.
 *
 * @returns none if anything else would change.
 */
export async function modificationsUnderWay(pulumi: Pulumi, clients: Clients): Promise<string[]> {
    const { changes, updatedVolumes } = readPreview(await pulumi.ask(["preview", "--json"]));
    const { state, volumes } = readRecoverState((await pulumi.ask(["stack", "export"])).stdout);
    const ids = updatedVolumes.flatMap((urn) => volumes.get(urn) ?? []);
    if (ids.length === 0 || ids.length < changes.length) {
        return [];
    }
    const client = clients.ec2(await regionOf(clients, state, {}));
    try {
        // Answers with an error where one of them was never modified.
        const { VolumesModifications = [] } = await client.send(
            new DescribeVolumesModificationsCommand({ VolumeIds: ids }),
        );
        const goesOn = VolumesModifications.filter(({ ModificationState = "" }) =>
            ["modifying", "optimizing"].includes(ModificationState),
        );
        return goesOn.length < ids.length ? [] : ids;
    } catch {
        return [];
    } finally {
        client.destroy();
    }
}
