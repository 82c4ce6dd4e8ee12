import { claimFindings } from "./claimFindings";
import { leftovers } from "./leftoverVolumes";
import { lostFindings } from "./lostVolumes";
import { notOwnVolume } from "./foreignVolumes";
import { persistentVolumeFindings } from "./persistentVolumeFindings";
import { elsewhere } from "./wrongPlace";
import { halfRenamed } from "./halfRenamed";
import { interrupted } from "./interrupted";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { volumeFindings } from "./volumeFindings";
import { zoneFindings } from "./zoneFindings";

/** Everything that is in the way of a cluster's disks. */
export function findings(seen: Inventory): Finding[] {
    const wrongPlace = elsewhere(seen);
    return [
        ...interrupted(seen.state),
        ...halfRenamed(seen.state),
        ...claimFindings(seen.cluster),
        ...persistentVolumeFindings(seen),
        ...zoneFindings(seen),
        // What isn't there would all be said to be lost, and what others use to be left behind.
        ...(wrongPlace.length > 0
            ? wrongPlace
            : [...lostFindings(seen), ...notOwnVolume(seen), ...volumeFindings(seen), ...leftovers(seen)]),
    ];
}
