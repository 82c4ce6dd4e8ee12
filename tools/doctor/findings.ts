import { attachSlotFindings } from "./attachSlotFindings";
import { backupFindings } from "./backupFindings";
import { claimFindings } from "./claimFindings";
import { leftoverFindings } from "./leftoverVolumes";
import { lostVolumeFindings } from "./lostVolumes";
import { foreignVolumeFindings } from "./foreignVolumes";
import { persistentVolumeFindings } from "./persistentVolumeFindings";
import { wrongPlaceFindings } from "./wrongPlace";
import { halfRenamedFindings } from "./halfRenamed";
import { interruptedFindings } from "./interrupted";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { volumeFindings } from "./volumeFindings";
import { zoneFindings } from "./zoneFindings";

/** All problems of a cluster's disks. */
export function findings(inventory: Inventory): Finding[] {
    const wrongPlace = wrongPlaceFindings(inventory);
    return [
        ...interruptedFindings(inventory.state),
        ...halfRenamedFindings(inventory.state),
        ...claimFindings(inventory.cluster),
        ...persistentVolumeFindings(inventory),
        ...zoneFindings(inventory),
        ...attachSlotFindings(inventory),
        // In the wrong place every volume would be reported as lost, and others' volumes as left behind.
        ...(wrongPlace.length > 0
            ? wrongPlace
            : [
                  ...lostVolumeFindings(inventory),
                  ...foreignVolumeFindings(inventory),
                  ...volumeFindings(inventory),
                  ...leftoverFindings(inventory),
                  ...backupFindings(inventory),
              ]),
    ];
}
