import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import {
    persistentVolumesNamed,
    persistentVolumesOf,
    nameOf,
    volumeIdOf,
} from "../../inspect/persistentVolumes";
import type { Inventory } from "../../inspect/inventory";
import { takesPods } from "../../inspect/nodes";
import { zoneLabel } from "../../../components/plan/zoneLabels";
import { clustersIn } from "../../../components/plan/tags";
import { tagsOf } from "../../inspect/tags";
import { claimIn } from "../existingDisk";
import type { HandOver } from "./handOverFile";

/** A PersistentVolume of the file. */
type Handed = HandOver["storages"][number]["disks"][number]["persistentVolume"];

/** Whether this cluster has the PersistentVolume already, on the same volume: the takeover goes on. */
export function isHere(handed: Handed, { cluster }: Pick<Inventory, "cluster">): boolean {
    return persistentVolumesNamed(cluster.persistentVolumes, handed.metadata.name).some(
        (one) => volumeIdOf(one) === handed.spec.csi.volumeHandle,
    );
}

/** The reason why a disk can't come into this cluster; undefined if it can. */
export function obstacleOf(
    handed: Handed,
    volume: Volume | undefined,
    handOver: HandOver,
    to: string,
    { cluster }: Pick<Inventory, "cluster">,
): string | undefined {
    const { name } = handed.metadata;
    const volumeId = handed.spec.csi.volumeHandle;
    if (!volume) {
        return `${name} is on volume ${volumeId}, which EC2 doesn't have in ${handOver.region} of this account: ${handOver.account === undefined ? "a volume can't change its account" : `it was in account ${handOver.account}, and a volume can't change that`}`;
    }
    const others = clustersIn(tagsOf(volume)).filter((one) => one !== handOver.cluster && one !== to);
    if (others[0] !== undefined) {
        return `${name} is on volume ${volumeId}, whose tags say that it is of cluster "${others[0]}": neither of "${handOver.cluster}", as the file has it, nor of "${to}"`;
    }
    const named = persistentVolumesNamed(cluster.persistentVolumes, name);
    const sharing = persistentVolumesOf(cluster.persistentVolumes, volumeId);
    const other = [...named, ...sharing].find((one) => nameOf(one) !== name || volumeIdOf(one) !== volumeId);
    if (other) {
        return nameOf(other) === name
            ? `${name} exists in this cluster on another volume, ${volumeIdOf(other) ?? "not one of EBS"}: delete it if it isn't needed`
            : `${name} is on volume ${volumeId}, on which this cluster has PersistentVolume ${nameOf(other)}: delete it`;
    }
    const rival = rivalOf(handed, cluster.persistentVolumes);
    if (rival) {
        return `${name} is for claim ${claimNameOf(handed)}, for which this cluster has PersistentVolume ${nameOf(rival)}: delete the claim and it, if they are empty`;
    }
    const state = volume.State;
    return state === "available" || (state === "in-use" && (volume.Attachments ?? []).length > 0)
        ? undefined
        : `${name} is on volume ${volumeId}, whose state in EC2 is ${state}`;
}

/** Another PersistentVolume of this cluster for the claim that a disk is for. */
function rivalOf(handed: Handed, all: readonly V1PersistentVolume[]): V1PersistentVolume | undefined {
    const wanted = claimNameOf(handed);
    return all.find((one) => {
        const claim = claimIn(one);
        const isSame = claim !== undefined && `${claim.namespace}/${claim.name}` === wanted;
        return isSame && nameOf(one) !== handed.metadata.name;
    });
}

function claimNameOf({ spec: { claimRef } }: Handed): string | undefined {
    return claimRef && `${claimRef.namespace ?? "default"}/${claimRef.name}`;
}

/** Warnings of zones in which the cluster has no node for the disks' pods. */
export function zoneWarnings(volumes: readonly Volume[], { cluster }: Pick<Inventory, "cluster">): string[] {
    const withNodes = new Set(
        (cluster.nodes ?? []).filter(takesPods).map(({ metadata }) => metadata?.labels?.[zoneLabel]),
    );
    const zones = [...new Set(volumes.map(({ AvailabilityZone = "" }) => AvailabilityZone))].sort();
    return zones
        .filter((zone) => !withNodes.has(zone))
        .map((zone) => {
            const ids = volumes.filter((one) => one.AvailabilityZone === zone).map((one) => one.VolumeId);
            return `this cluster has no node in ${zone} that takes pods: pods that need ${ids.join(", ")} wait for one`;
        });
}
