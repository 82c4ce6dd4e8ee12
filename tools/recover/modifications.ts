import { DescribeVolumesModificationsCommand } from "@aws-sdk/client-ec2";
import type { Clients } from "../inspect/clients";
import { withEc2 } from "../inspect/ec2";
import { grouped } from "../inspect/grouped";
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
    const regions = new Map(state.volumes.map(({ volumeId, region }) => [volumeId, region]));
    const own = await regionOf(clients, state, {});
    const parts = grouped(ids, (id) => regions.get(id) ?? own ?? "");
    const inProgress = await Promise.all(parts.map(([region, here]) => modifying(clients, region, here)));
    return inProgress.flat().length < ids.length ? [] : ids;
}

/** Those of a region's volumes that are being modified; none if one of the volumes was never modified. */
function modifying(clients: Clients, region: string, ids: readonly string[]): Promise<string[]> {
    return withEc2(clients, region, async (client) => {
        const { VolumesModifications = [] } = await client.send(
            new DescribeVolumesModificationsCommand({ VolumeIds: [...ids] }),
        );
        return VolumesModifications.flatMap(({ VolumeId = "", ModificationState = "" }) =>
            ["modifying", "optimizing"].includes(ModificationState) ? [VolumeId] : [],
        );
    }).catch(() => []);
}
