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
import { compareNames } from "../inspect/order";
import { nameOf } from "../inspect/persistentVolumes";
import { ownerTag, tagsOf } from "../inspect/tags";
import { volumeFindings } from "./volumeFindings";
import { zoneFindings } from "./zoneFindings";

/** All problems of a cluster's disks, in the order of the disks' names. */
export function findings(found: Inventory): Finding[] {
    const inventory = inOrder(found);
    const wrongPlace = wrongPlaceFindings(inventory);
    return [
        ...interruptedFindings(inventory.state),
        ...halfRenamedFindings(inventory.state),
        ...claimFindings(inventory.cluster),
        ...persistentVolumeFindings(inventory),
        ...zoneFindings(inventory),
        // In the wrong place every volume would be reported as lost, and others' volumes as left behind.
        ...(wrongPlace.length > 0
            ? wrongPlace
            : [
                  ...lostVolumeFindings(inventory),
                  ...foreignVolumeFindings(inventory),
                  ...volumeFindings(inventory),
                  ...leftoverFindings(inventory),
              ]),
    ];
}

/** Kubernetes and the state sort data-10 before data-2, EC2 not at all. */
function inOrder({ cluster, state, ec2, ...others }: Inventory): Inventory {
    const { persistentVolumes } = cluster;
    return {
        ...others,
        cluster: { ...cluster, persistentVolumes: sortedBy(persistentVolumes, nameOf) },
        state: state && { ...state, volumes: sortedBy(state.volumes, ({ name }) => name) },
        ec2: ec2 && { ...ec2, volumes: sortedBy(ec2.volumes, (one) => tagsOf(one)[ownerTag] ?? "") },
    };
}

function sortedBy<T>(elements: readonly T[], name: (element: T) => string): T[] {
    return [...elements].sort((a, b) => compareNames(name(a), name(b)));
}
