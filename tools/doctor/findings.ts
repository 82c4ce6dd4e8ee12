import { claimFindings } from "./claims";
import { leftovers } from "./leftovers";
import { lostFindings } from "./lost";
import { notOwnVolume } from "./notOwnVolume";
import { persistentVolumeFindings } from "./persistentVolumes";
import { elsewhere } from "./elsewhere";
import { halfRenamed } from "./halfRenamed";
import { interrupted } from "./interrupted";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { volumeFindings } from "./volumes";
import { zoneFindings } from "./zones";

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
