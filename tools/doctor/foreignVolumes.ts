import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import { clustersIn } from "../../components/plan/tags";
import { deletePersistentVolume, endClaimOf } from "./remedies";
import {
    formerPolicyAnnotation,
    isBeingDeleted,
    isStatic,
    nameOf,
    persistentVolumesNamed,
    persistentVolumesOf,
    volumeIdOf,
} from "../inspect/persistentVolumes";
import { ownerTag } from "../inspect/tags";
import { tagsOf } from "../inspect/tags";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { isOnNamedVolume } from "../inspect/state";
import type { StatePersistentVolume } from "../inspect/state";
import { statePersistentVolumesNamed } from "../inspect/stateLookups";
import { ownCommand } from "../terminal/ownCommand";

/** PersistentVolumes on volumes whose tags name another cluster or another disk. */
export function foreignVolumeFindings(inventory: Inventory): Finding[] {
    const volumes = inventory.ec2 && volumesById(inventory.ec2);
    const disks = inventory.cluster.persistentVolumes.filter(
        (one) => (isStatic(one) || wasAdopted(one)) && !isBeingDeleted(one),
    );
    return disks.flatMap((disk) => {
        const volume = volumes?.get(volumeIdOf(disk) ?? "");
        if (!volume) {
            return [];
        }
        const others = otherClusters(volume, inventory.clusterNames);
        return others.length > 0
            ? [ofCluster(disk, volume, others, inventory)]
            : ofDisk(disk, volume, inventory);
    });
}

/** Whether it was made by a provisioner, and adopted since: what the tags of its volume say is the stack's. */
function wasAdopted({ metadata }: V1PersistentVolume): boolean {
    return metadata?.annotations?.[formerPolicyAnnotation] !== undefined;
}

/** Clusters in a volume's tags other than the inspected one. */
export function otherClusters(volume: Volume, clusterNames: readonly string[]): string[] {
    const owners = [...new Set(clustersIn(tagsOf(volume)))];
    return clusterNames.length > 0 ? owners.filter((name) => !clusterNames.includes(name)) : [];
}

function ofCluster(
    disk: V1PersistentVolume,
    volume: Volume,
    others: readonly string[],
    { state }: Inventory,
): Finding {
    const [name, cluster] = [nameOf(disk), others.join(" and ")];
    const tags = Object.entries(tagsOf(volume)).filter(([key, value]) =>
        clustersIn({ [key]: value }).some((one) => others.includes(one)),
    );
    const inState = storedDisk(name, state);
    const isNamed = inState && isOnNamedVolume(inState, state) === true;
    return {
        what: `PersistentVolume ${name} is on volume ${volume.VolumeId}, which by its tags is a volume of cluster ${cluster}: what pods of two clusters write destroys its data`,
        mend: [
            `look in cluster ${cluster} whether a PersistentVolume names it. If one does, it isn't this cluster's; the volume stays:`,
            ...(isNamed
                ? [`remove overrides.${inState.ordinal}.volumeId of storage ${inState.storage?.name}, then`]
                : []),
            ...deletePersistentVolume(disk, endClaimOf(disk)),
            `if that cluster has let go of it for good, remove its ${tags.length > 1 ? "tags" : "tag"} ${tags.map(([key]) => key).join(" and ")} by hand, then`,
            ownCommand("doctor"),
        ],
    };
}

/** A PersistentVolume on another disk's volume. Volumes that an override names are left out: they may be any disk's. */
function ofDisk(disk: V1PersistentVolume, volume: Volume, inventory: Inventory): Finding[] {
    const { cluster, state } = inventory;
    const [name, volumeId] = [nameOf(disk), volume.VolumeId ?? ""];
    const owner = tagsOf(volume)[ownerTag];
    const inState = storedDisk(name, state);
    const users = persistentVolumesOf(cluster.persistentVolumes, volumeId);
    const isShared = users.filter((one) => !isBeingDeleted(one)).length > 1;
    if (owner === undefined || owner === name || isShared) {
        return [];
    }
    const what = `PersistentVolume ${name} is on volume ${volumeId}, which by its tags was made for PersistentVolume ${owner}`;
    if (!inState) {
        return isExchanged(disk, owner, inventory) ? [exchanged(disk, what)] : [];
    }
    if (isOnNamedVolume(inState, state) !== false) {
        return [];
    }
    return inState.volumeId === undefined || inState.volumeId === volumeId
        ? [contradiction(name, owner, what)]
        : [onOtherThanInState(disk, inState.volumeId, what)];
}

function storedDisk(name: string, state: Inventory["state"]): StatePersistentVolume | undefined {
    const named = statePersistentVolumesNamed(state?.persistentVolumes, name);
    return named.find(({ storage }) => storage !== undefined);
}

function onOtherThanInState(disk: V1PersistentVolume, volumeId: string, what: string): Finding {
    return {
        what: `${what}; the state has ${nameOf(disk)} on volume ${volumeId}`,
        mend: [
            `have the PersistentVolume made again for ${volumeId}; both volumes stay:`,
            ...deletePersistentVolume(disk, endClaimOf(disk)),
            "pulumi refresh",
            "pulumi up",
        ],
    };
}

function contradiction(name: string, owner: string, what: string): Finding {
    return {
        what: `${what}; the state has ${name} on it as well, so either the tags or the state is wrong`,
        mend: [
            "end the pods that use it and look at what is on it before the next pulumi up, which writes the tags anew",
            `if it is the disk of ${name},`,
            "pulumi up",
            `if it is that of ${owner}, have the state forget both and import the right ones: docs/runbooks.md, The state is lost`,
        ],
    };
}

function exchanged(disk: V1PersistentVolume, what: string): Finding {
    return {
        what: `${what}, and that one is on the volume that was made for ${nameOf(disk)}`,
        mend: [
            "end the pods that use either, and look at what is on both volumes. If the tags are right, have both PersistentVolumes made again, by their stack if they have one; the volumes stay:",
            ...deletePersistentVolume(disk, endClaimOf(disk)),
            "pulumi refresh",
            "pulumi up",
        ],
    };
}

/** Whether the other disk is on this disk's volume as well: one mismatch alone may be intended. */
function isExchanged(disk: V1PersistentVolume, owner: string, { cluster, ec2 }: Inventory): boolean {
    const named = persistentVolumesNamed(cluster.persistentVolumes, owner);
    const other = named.find((one) => !isBeingDeleted(one));
    const volume = ec2 && volumesById(ec2).get((other && volumeIdOf(other)) ?? "");
    return volume !== undefined && tagsOf(volume)[ownerTag] === nameOf(disk);
}
