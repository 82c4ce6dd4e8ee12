import type { Volume } from "@aws-sdk/client-ec2";
import { ownerTag, tagsOf } from "../inspect/tags";
import type { PlannedVolume } from "../engine/preview";

/** A volume that an interrupted update created but did not record in the state. */
export interface LeftVolume {
    readonly volumeId: string;
    readonly name: string;
    /** Its region, if it isn't the provider's. */
    readonly region?: string;
    /** Why it can't be imported. */
    readonly why: string;
}

/** A volume to import in place of one that the update would create. */
export interface RecoveredVolume {
    readonly volumeId: string;
    readonly planned: PlannedVolume;
}

/** Volumes in the state, in the preview and in EC2. */
export interface VolumeFacts {
    /** Volumes in the state's pending creations. */
    readonly interrupted: readonly PlannedVolume[];
    /** Volumes that the next update creates. */
    readonly planned: readonly PlannedVolume[];
    /** EC2's volumes with the tags of the cluster. */
    readonly volumes: readonly Volume[];
    /** Ids of volumes that the state or a PersistentVolume names. */
    readonly used: ReadonlySet<string>;
    /** URNs in the state. */
    readonly urns: ReadonlySet<string>;
    /** End of the last update that ended. Older volumes may hold data. */
    readonly since: Date;
}

/**
 * Finds the volumes that interrupted updates created but did not record. Nothing has ever used them, so they are empty:
 * each is imported if the next update would create an equal one, and listed otherwise.
 */
export function leftVolumes({ interrupted, planned, volumes, used, urns, since }: VolumeFacts): {
    readonly takenBack: readonly RecoveredVolume[];
    readonly listed: readonly LeftVolume[];
} {
    const takenBack: RecoveredVolume[] = [];
    const listed: LeftVolume[] = [];
    const newestFirst = [...volumes].sort((one, other) => madeAt(other) - madeAt(one));
    for (const volume of newestFirst) {
        const { VolumeId = "" } = volume;
        const owner = interrupted.find(({ tags }) => hasOwnerTags(volume, tags));
        if (!owner || used.has(VolumeId) || madeAt(volume) < since.getTime()) {
            continue;
        }
        const wanted = planned.find(({ urn }) => urn === owner.urn);
        const isGiven = takenBack.some((one) => one.planned.urn === owner.urn);
        const why = importObstacle(volume, isGiven ? undefined : wanted, urns);
        if (why === undefined && wanted) {
            takenBack.push({ volumeId: VolumeId, planned: wanted });
        } else {
            listed.push({
                volumeId: VolumeId,
                name: owner.tags[ownerTag] ?? "",
                region: owner.region,
                why: isGiven ? "a newer one is taken back in its place" : (why ?? ""),
            });
        }
    }
    return { takenBack, listed };
}

function importObstacle(
    volume: Volume,
    wanted: PlannedVolume | undefined,
    urns: ReadonlySet<string>,
): string | undefined {
    const {
        State,
        Attachments = [],
        Size = 0,
        AvailabilityZone,
        Encrypted,
        KmsKeyId,
        SnapshotId,
        SourceVolumeId,
    } = volume;
    if (!wanted) {
        return "the program makes no volume of its name";
    }
    const { parent, zone, sizeGiB = 0, isEncrypted, kmsKeyId, snapshotId, sourceVolumeId } = wanted;
    const reasons: [boolean, string][] = [
        [State !== "available" || Attachments.length > 0, `it is ${State ?? "in no state"}`],
        [(sourceVolumeId ?? "") !== (SourceVolumeId ?? ""), "the program asks for a copy of another volume"],
        // A copy is where its source is.
        [
            sourceVolumeId === undefined && zone !== AvailabilityZone,
            `it is in ${AvailabilityZone}, and the program asks for ${zone}`,
        ],
        [Size > sizeGiB, `it has ${Size} GiB, and the program asks for ${sizeGiB}`],
        [(isEncrypted ?? Encrypted) !== Encrypted, "the program asks for another encryption"],
        [kmsKeyId !== undefined && !KmsKeyId?.endsWith(kmsKeyId), "the program asks for another KMS key"],
        [(snapshotId ?? "") !== (SnapshotId ?? ""), "the program asks for another snapshot"],
        [parent !== undefined && !urns.has(parent), "the state doesn't have the storage that it belongs to"],
    ];
    return reasons.find(([isSo]) => isSo)?.[1];
}

/** Whether a volume has the owner tags of a planned one. */
function hasOwnerTags(volume: Volume, wanted: PlannedVolume["tags"]): boolean {
    const tags = tagsOf(volume);
    return (
        tags[ownerTag] !== undefined &&
        tags.CSIVolumeName === undefined &&
        [ownerTag, "KubernetesCluster", "ebs.csi.aws.com/cluster-name"].every(
            (key) => tags[key] === wanted[key],
        )
    );
}

function madeAt({ CreateTime }: Volume): number {
    return CreateTime?.getTime() ?? 0;
}
