import { DescribeVolumesModificationsCommand } from "@aws-sdk/client-ec2";
import type { Clients } from "../inspect/clients";
import { regionOf } from "../inspect/stack";
import { readPreview } from "../engine/preview";
import type { Pulumi } from "../engine/pulumi";
import { readRecoverState } from "./recoverState";

/**
 * Volumes that EC2 is still modifying, if they are the only changes of a preview: until a modification ends, EC2
 * describes the volume as it was before.
 *
 * @returns none if the preview has any other change.
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
        // Fails if one of the volumes was never modified.
        const { VolumesModifications = [] } = await client.send(
            new DescribeVolumesModificationsCommand({ VolumeIds: ids }),
        );
        const inProgress = VolumesModifications.filter(({ ModificationState = "" }) =>
            ["modifying", "optimizing"].includes(ModificationState),
        );
        return inProgress.length < ids.length ? [] : ids;
    } catch {
        return [];
    } finally {
        client.destroy();
    }
}
