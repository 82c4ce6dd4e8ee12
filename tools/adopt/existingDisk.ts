import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { clustersIn, isReservedTag } from "../../components/plan/tags";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { gp3Baseline } from "../../components/validation/volumeLimits";
import { volumesById } from "../inspect/ec2";
import type { Inventory } from "../inspect/inventory";
import {
    claimNameOf,
    isBeingDeleted,
    nameOf,
    persistentVolumesFor,
    persistentVolumesNamed,
    persistentVolumesOf,
    volumeIdOf,
} from "../inspect/persistentVolumes";
import { podsByClaim } from "../inspect/pods";
import { ownerTag, tagsOf } from "../inspect/tags";

/** A PersistentVolume that exists, with its EBS volume and its users. */
export interface ExistingDisk {
    /** Name of the PersistentVolume. */
    readonly name: string;
    readonly volumeId: string;
    readonly zone: string;
    /** The volume's settings, as a storage has them. */
    readonly settings: ExistingSettings;
    /** Labels of the PersistentVolume, but for its zone. */
    readonly labels: Readonly<Record<string, string>>;
    /** Tags of other tools. */
    readonly tags: Readonly<Record<string, string>>;
    readonly shape: DiskShape;
    readonly reclaimPolicy: string;
    /** Whether the PersistentVolume has annotations. */
    readonly hasAnnotations: boolean;
    /** Whether its claim was deleted. */
    readonly isReleased: boolean;
    readonly claim?: ClaimName;
    /** Names of the pods that use it. */
    readonly pods: readonly string[];
}

/** Settings of an existing volume; those that a new volume has anyway are left out. */
export interface ExistingSettings {
    readonly sizeGiB: number;
    readonly type: string;
    readonly iops?: number;
    readonly throughputMiBps?: number;
    readonly encrypted?: false;
    readonly multiAttachEnabled?: true;
}

/** Settings of a PersistentVolume that all disks of a storage share. */
export interface DiskShape {
    readonly className: string;
    readonly csiDriver: string;
    readonly fsType?: string;
    readonly volumeMode: string;
    readonly accessModes: readonly string[];
    readonly mountOptions: readonly string[];
}

/** Name of a claim. */
export interface ClaimName {
    readonly namespace: string;
    readonly name: string;
}

/** A disk, or the reasons why it can't be adopted. */
export type Examined = { readonly disk: ExistingDisk } | { readonly name: string; readonly obstacle: string };

/** Examines a PersistentVolume. */
export function examine(persistentVolume: V1PersistentVolume, inventory: Inventory): Examined {
    const name = nameOf(persistentVolume);
    const volumeId = volumeIdOf(persistentVolume);
    const volume = inventory.ec2 && volumesById(inventory.ec2).get(volumeId ?? "");
    const obstacle = obstacleOf(persistentVolume, volumeId, volume, inventory);
    return obstacle === undefined && volume
        ? { disk: existingDisk(persistentVolume, volume, inventory) }
        : { name, obstacle: obstacle ?? "its volume is unknown" };
}

function obstacleOf(
    persistentVolume: V1PersistentVolume,
    volumeId: string | undefined,
    volume: Volume | undefined,
    { cluster, clusterNames, ec2 }: Inventory,
): string | undefined {
    const { csi, awsElasticBlockStore } = persistentVolume.spec ?? {};
    const drivers: readonly (string | undefined)[] = Object.values(CsiDriver);
    if (awsElasticBlockStore) {
        return "is an in-tree volume (awsElasticBlockStore), whose source can't change: docs/existing-disks.md has the way with a pause";
    }
    if (!drivers.includes(csi?.driver)) {
        return "isn't on an EBS volume";
    }
    if (isBeingDeleted(persistentVolume)) {
        return "is being deleted";
    }
    if (!volume) {
        return `is on volume ${volumeId}, which EC2 doesn't have in ${ec2?.region}: check the account and --region`;
    }
    if (volume.State !== "available" && volume.State !== "in-use") {
        return `is on volume ${volumeId}, whose state in EC2 is ${volume.State}`;
    }
    const sharing = persistentVolumesOf(cluster.persistentVolumes, volumeId).filter(
        (one) => nameOf(one) !== nameOf(persistentVolume),
    );
    if (sharing[0]) {
        return `is on volume ${volumeId}, on which PersistentVolume ${nameOf(sharing[0])} is too: delete one of them`;
    }
    const claim = claimIn(persistentVolume);
    const rival = rivalOf(persistentVolume, cluster.persistentVolumes);
    if (claim && rival) {
        return `is for claim ${claim.namespace}/${claim.name}, for which PersistentVolume ${nameOf(rival)} is too: remove spec.claimRef of one of them`;
    }
    const owner = tagsOf(volume)[ownerTag];
    if (
        owner !== undefined &&
        owner !== nameOf(persistentVolume) &&
        persistentVolumesNamed(cluster.persistentVolumes, owner).length > 0
    ) {
        return `is on volume ${volumeId}, whose tag ${ownerTag} names PersistentVolume ${owner}, as a copy of its volume has it: correct the tag with aws ec2 create-tags`;
    }
    const other = clustersIn(tagsOf(volume)).find((cluster) => !clusterNames.includes(cluster));
    return other === undefined
        ? undefined
        : `is on volume ${volumeId}, whose tags say that it is of cluster "${other}": give --cluster with the name that this cluster has in its volumes' tags, or change the tags`;
}

/** A disk by its PersistentVolume and its volume. */
export function existingDisk(
    persistentVolume: V1PersistentVolume,
    volume: Volume,
    { cluster }: Pick<Inventory, "cluster">,
): ExistingDisk {
    const { spec } = persistentVolume;
    const pods = podsByClaim(cluster.pods.withClaims, claimNameOf(persistentVolume));
    return {
        name: nameOf(persistentVolume),
        volumeId: volume.VolumeId ?? "",
        zone: volume.AvailabilityZone ?? "",
        settings: settingsOf(volume),
        labels: Object.fromEntries(
            Object.entries(persistentVolume.metadata?.labels ?? {}).filter(([key]) => key !== zoneLabel),
        ),
        tags: Object.fromEntries(
            Object.entries(tagsOf(volume)).filter(([key]) => !isReservedTag(key) && key !== "Name"),
        ),
        shape: {
            className: spec?.storageClassName ?? "",
            csiDriver: spec?.csi?.driver ?? "",
            fsType: spec?.csi?.fsType,
            volumeMode: spec?.volumeMode ?? "Filesystem",
            accessModes: spec?.accessModes ?? [],
            mountOptions: spec?.mountOptions ?? [],
        },
        hasAnnotations: persistentVolume.metadata?.annotations !== undefined,
        reclaimPolicy: spec?.persistentVolumeReclaimPolicy ?? "Retain",
        isReleased: persistentVolume.status?.phase === "Released",
        claim: claimIn(persistentVolume),
        pods: pods.map(nameOf),
    };
}

function settingsOf({
    Size = 0,
    VolumeType = "gp2",
    Iops,
    Throughput,
    Encrypted,
    MultiAttachEnabled,
}: Volume): ExistingSettings {
    const isProvisioned = VolumeType === "io1" || VolumeType === "io2";
    const isGp3 = VolumeType === "gp3";
    return {
        sizeGiB: Size,
        type: VolumeType,
        ...((isProvisioned || (isGp3 && Iops !== gp3Baseline.iops)) && Iops !== undefined && { iops: Iops }),
        ...(isGp3 &&
            Throughput !== undefined &&
            Throughput !== gp3Baseline.throughputMiBps && { throughputMiBps: Throughput }),
        ...(Encrypted === false && { encrypted: false }),
        ...(MultiAttachEnabled && { multiAttachEnabled: true }),
    };
}

/** The claim that a PersistentVolume is bound to, reserved for or, if it is Released, was bound to. */
export function claimIn({ spec }: V1PersistentVolume): ClaimName | undefined {
    const { namespace, name } = spec?.claimRef ?? {};
    return name === undefined ? undefined : { namespace: namespace ?? "default", name };
}

/** Another PersistentVolume for a claim that this one isn't bound to. */
function rivalOf(
    persistentVolume: V1PersistentVolume,
    all: readonly V1PersistentVolume[],
): V1PersistentVolume | undefined {
    const forClaim = persistentVolumesFor(all, claimNameOf(persistentVolume));
    return persistentVolume.status?.phase === "Bound"
        ? undefined
        : forClaim.find((one) => nameOf(one) !== nameOf(persistentVolume));
}
