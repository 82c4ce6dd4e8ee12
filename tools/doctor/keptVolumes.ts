import { persistentVolumesOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { moveFrom } from "../inspect/moves";

/** Notes on volumes that are kept since their disks were moved. They need no repair. */
export function keptVolumeNotes({ cluster, ec2, state, clusterNames }: Inventory): Finding[] {
    const exists = ec2 && volumesById(ec2);
    return (state?.volumes ?? []).flatMap((volume) => {
        const left = moveFrom(volume, state);
        const isThere = exists?.has(volume.volumeId) ?? true;
        const isHere = volume.clusterName === undefined || clusterNames.includes(volume.clusterName);
        const isUsed = persistentVolumesOf(cluster.persistentVolumes, volume.volumeId).length > 0;
        if (!left || isUsed || !isThere || !isHere) {
            return [];
        }
        return [
            {
                what: `volume ${volume.volumeId} (${volume.name} in the state) is kept since its disk was moved to ${left.to.volumeId}`,
                mend: [`to let go of it: ${left.release}`],
            },
        ];
    });
}
