import type { Snapshot } from "@aws-sdk/client-ec2";
import type { PlannedSnapshot } from "../engine/preview";
import { nameOf } from "../engine/preview";
import { startOf } from "../inspect/snapshots";
import { ownerTag, tagsOf } from "../inspect/tags";

/** A snapshot that an interrupted update began but did not record in the state. */
export interface LeftSnapshot {
    readonly snapshotId: string;
    /** Name of the resource that it was begun for. */
    readonly name: string;
    readonly region: string;
}

/** Snapshots in the state's pending creations and in EC2. */
export interface SnapshotFacts {
    /** Snapshots in the state's pending creations. */
    readonly interrupted: readonly PlannedSnapshot[];
    /** EC2's snapshots that were made for the same PersistentVolumes. */
    readonly snapshots: readonly Snapshot[];
    /** Ids of snapshots in the state. */
    readonly used: ReadonlySet<string>;
    /** End of the last update that ended. */
    readonly since: Date;
    readonly region: string;
}

/**
 * Finds the snapshots that interrupted updates began but did not record. They are complete sooner or later, whoever waits
 * for them. None is imported: a pod may have written to the volume since.
 */
export function leftSnapshots({
    interrupted,
    snapshots,
    used,
    since,
    region,
}: SnapshotFacts): LeftSnapshot[] {
    return snapshots.flatMap((snapshot) => {
        const { SnapshotId: snapshotId = "" } = snapshot;
        const owner = interrupted.find((planned) => isOf(snapshot, planned));
        return !owner || used.has(snapshotId) || startOf(snapshot) < since.getTime()
            ? []
            : [{ snapshotId, name: nameOf(owner.urn), region }];
    });
}

/** Others take snapshots, too. AWS's services, which copy a volume's tags, add tags of their own. */
function isOf(snapshot: Snapshot, { isCopy, volumeId, description, tags: wanted }: PlannedSnapshot): boolean {
    const tags = tagsOf(snapshot);
    return (
        tags[ownerTag] !== undefined &&
        [ownerTag, "KubernetesCluster"].every((key) => tags[key] === wanted[key]) &&
        !Object.keys(tags).some((key) => key.startsWith("aws:")) &&
        // A copy has neither from its source.
        (isCopy || (volumeId === snapshot.VolumeId && (description ?? "") === (snapshot.Description ?? "")))
    );
}
