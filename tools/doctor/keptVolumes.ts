import { persistentVolumesOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { moveFrom } from "../inspect/moves";
import type { StateVolume } from "../inspect/state";

/** A volume that is kept since its disk was moved. */
export interface KeptVolume {
    readonly volume: StateVolume;
    /** The volume that the disk was moved to. */
    readonly movedTo: string;
    /** The setting that lets go of it. */
    readonly release: string;
}

/** Notes on volumes that are kept since their disks were moved. They need no repair. */
export function keptVolumeNotes(inventory: Inventory): Finding[] {
    return keptVolumes(inventory).map(({ volume, movedTo, release }) => ({
        what: `volume ${volume.volumeId} (${volume.name} in the state) is kept since its disk was moved to ${movedTo}`,
        mend: [`to let go of it: ${release}`],
    }));
}

/** The volumes themselves. */
export function keptVolumes({ cluster, ec2, state, clusterNames }: Inventory): KeptVolume[] {
    const exists = ec2 && volumesById(ec2);
    return (state?.volumes ?? []).flatMap((volume) => {
        const left = moveFrom(volume, state);
        const isThere = exists?.has(volume.volumeId) ?? true;
        const isHere = volume.clusterName === undefined || clusterNames.includes(volume.clusterName);
        const isUsed = persistentVolumesOf(cluster.persistentVolumes, volume.volumeId).length > 0;
        if (!left || isUsed || !isThere || !isHere) {
            return [];
        }
        return [{ volume, movedTo: left.to.volumeId, release: left.release }];
    });
}
