import type { V1PersistentVolume } from "@kubernetes/client-node";
import { deletePersistentVolume, endClaimOf, keepVolume } from "./remedies";
import { grouped } from "../inspect/grouped";
import { isBeingDeleted, isStatic, nameOf, volumeIdOf, zonesOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { statePersistentVolumesNamed } from "../inspect/stateLookups";

/** PersistentVolumes that contradict their volumes. */
export function persistentVolumeFindings(inventory: Inventory): Finding[] {
    const ours = inventory.cluster.persistentVolumes.filter((one) => isStatic(one) && !isBeingDeleted(one));
    return [
        ...ours.flatMap((one) => inWrongZone(one, inventory)),
        ...ofOneVolume(inventory),
        ...notRetained(inventory),
    ];
}

/** A PersistentVolume of the stack's with another reclaim policy: the volume would be deleted after its claim. */
function notRetained({ cluster, state }: Inventory): Finding[] {
    return cluster.persistentVolumes
        .filter(({ spec, status }) => {
            const policy = spec?.persistentVolumeReclaimPolicy;
            // One that is Failed has a finding of its own.
            return policy !== undefined && policy !== "Retain" && status?.phase !== "Failed";
        })
        .filter((one) => {
            const recorded = statePersistentVolumesNamed(state?.persistentVolumes, nameOf(one));
            return recorded.some(({ storage, volumeId }) => storage && volumeId === volumeIdOf(one));
        })
        .map((one) => ({
            what: `PersistentVolume ${nameOf(one)} has the reclaim policy ${one.spec?.persistentVolumeReclaimPolicy}: volume ${volumeIdOf(one)} would be deleted with its data after the claim is`,
            mend: [keepVolume(one)],
        }));
}

/**
 * A node affinity for another zone than the volume's: pods start where it can't be attached. It is immutable unless the
 * feature gate MutablePVNodeAffinity is on (alpha in Kubernetes 1.35 and 1.36).
 */
function inWrongZone(persistentVolume: V1PersistentVolume, { ec2, state }: Inventory): Finding[] {
    const volumeId = volumeIdOf(persistentVolume) ?? "";
    const zone = ec2 && volumesById(ec2).get(volumeId)?.AvailabilityZone;
    const zones = zonesOf(persistentVolume);
    if (zone === undefined || zones.length === 0 || zones.includes(zone)) {
        return [];
    }
    const name = nameOf(persistentVolume);
    const isOurs = statePersistentVolumesNamed(state?.persistentVolumes, name).length > 0;
    return [
        {
            what: `PersistentVolume ${name} is for nodes in ${zones.join(", ")}, but its volume ${volumeId} is in ${zone}, where alone it can be attached`,
            mend: [
                ...deletePersistentVolume(persistentVolume, endClaimOf(persistentVolume)),
                `the volume stays; have the PersistentVolume made again for ${zone}${isOurs ? "" : ", by its stack if it has one"}:`,
                "pulumi refresh",
                "pulumi up",
            ],
        },
    ];
}

/** Several PersistentVolumes of one volume: two pods could destroy each other's data. */
function ofOneVolume({ cluster, state }: Inventory): Finding[] {
    const byVolume = grouped(
        cluster.persistentVolumes.filter((one) => volumeIdOf(one) !== undefined && !isBeingDeleted(one)),
        (one) => volumeIdOf(one) ?? "",
    );
    return byVolume.flatMap(([volumeId, all]) => {
        if (all.length < 2) {
            return [];
        }
        const isNeeded = (one: V1PersistentVolume) =>
            one.status?.phase === "Bound" ||
            statePersistentVolumesNamed(state?.persistentVolumes, nameOf(one)).length > 0;
        const idle = all.filter((one) => !isNeeded(one));
        const isClear = idle.length > 0 && idle.length === all.length - 1;
        return [
            {
                what: `PersistentVolumes ${all.map(nameOf).join(" and ")} are for one volume, ${volumeId}: pods that use both would destroy its data`,
                mend: isClear
                    ? idle.flatMap((one) => deletePersistentVolume(one))
                    : [
                          "keep the one that is needed, and delete the other; the volume stays:",
                          ...all.flatMap((one) => deletePersistentVolume(one)),
                      ],
            },
        ];
    });
}
