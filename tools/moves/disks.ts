import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume, V1Pod } from "@kubernetes/client-node";
import { volumesById } from "../inspect/ec2";
import type { Inventory } from "../inspect/inventory";
import { lookup } from "../inspect/lookup";
import { movesOf } from "../inspect/moves";
import { compareDisks } from "../inspect/order";
import { claimNameOf, claimOf, persistentVolumesNamed, volumeIdOf } from "../inspect/persistentVolumes";
import { podsByClaim } from "../inspect/pods";
import { ordinalOf } from "../inspect/state";
import type { State, StatePersistentVolume, StateVolume, Storage } from "../inspect/state";
import { stateVolumesWithId } from "../inspect/stateLookups";
import { ownCommand } from "../terminal/ownCommand";
import { foreignFinalizers } from "./claims";

/** A complete snapshot. */
export interface DiskSnapshot {
    readonly id: string;
    readonly at: Date;
    readonly volumeId: string;
}

/** A disk of the stack, with the facts that a move of it depends on. */
export interface Disk {
    /** Name of its storage. */
    readonly storage: string;
    readonly ordinal: number;
    /** Name of its PersistentVolume. */
    readonly name: string;
    readonly volumeId: string;
    readonly zone: string;
    /** Its key; undefined if it isn't encrypted. */
    readonly kmsKeyId?: string;
    /** Number of moves that have led to its volume. */
    readonly moves: number;
    /** Its claim, with the namespace. */
    readonly claim?: string;
    /** Whether the claim exists. */
    readonly hasClaim: boolean;
    /** Finalizers of the claim but for Kubernetes' own. */
    readonly finalizers: readonly string[];
    /** Whether the stack creates the claim. */
    readonly ownsClaim: boolean;
    readonly pods: readonly V1Pod[];
    /** The volume's snapshots, the newest first; those of the volumes that it was moved from come after them. */
    readonly snapshots: readonly DiskSnapshot[];
    /** Why it can't be moved as it is. */
    readonly problem?: string;
}

/** The disks of a stack, by storage and ordinal. */
export function disksOf(
    { state, cluster, ec2 }: Inventory,
    snapshots: readonly Snapshot[],
    attemptedMoves: (storage: string, ordinal: number) => number | undefined,
): Disk[] {
    const volumes = ec2 && volumesById(ec2);
    const disks = (state?.persistentVolumes ?? []).flatMap((recorded): Disk[] => {
        const { name, storage, ordinal, volumeId } = recorded;
        if (!state || !storage || ordinal === undefined || volumeId === undefined) {
            return [];
        }
        const inState = stateVolumesWithId(state.volumes, volumeId)[0];
        const inEc2 = volumes?.get(volumeId);
        const inCluster = persistentVolumesNamed(cluster.persistentVolumes, name)[0];
        const claim = inCluster && claimNameOf(inCluster);
        const existing = inCluster && claimOf(inCluster, cluster.claims);
        const hasClaim = existing !== undefined;
        const moves = inState ? movesOf(inState.name) : 0;
        return [
            {
                ...{ storage: storage.name, ordinal, name, volumeId, moves, claim, hasClaim },
                finalizers: foreignFinalizers(existing),
                zone: inEc2?.AvailabilityZone ?? inState?.zone ?? "",
                kmsKeyId: inEc2?.Encrypted ? (inEc2.KmsKeyId ?? "") : undefined,
                ownsClaim: claim !== undefined && state.claims.includes(claim),
                pods: hasClaim ? podsByClaim(cluster.pods.withClaims, claim) : [],
                snapshots: snapshotsOf(recorded, state, snapshots),
                problem: problemOf(
                    recorded,
                    { inEc2, inCluster },
                    moves,
                    attemptedMoves(storage.name, ordinal),
                ),
            },
        ];
    });
    return disks.sort(compareDisks);
}

/** A disk in EC2 and in the cluster. */
interface Sources {
    readonly inEc2: Volume | undefined;
    readonly inCluster: V1PersistentVolume | undefined;
}

function problemOf(
    { volumeId, name }: StatePersistentVolume,
    { inEc2, inCluster }: Sources,
    moves: number,
    attempted: number | undefined,
): string | undefined {
    if (inCluster === undefined) {
        return `there is no PersistentVolume ${name} in the cluster: run pulumi up --refresh first`;
    }
    const found = volumeIdOf(inCluster);
    if (found !== volumeId) {
        return `the cluster has it on ${found}, the stack's state on ${volumeId}: ${ownCommand("doctor")} says what to do`;
    }
    const policy = inCluster.spec?.persistentVolumeReclaimPolicy;
    if (policy !== "Retain") {
        return `its reclaim policy is ${policy}, so that the volume would go with its claim: run pulumi up --refresh first`;
    }
    if (!inEc2) {
        return `its volume ${volumeId} isn't in EC2: see "A volume was deleted" in docs/runbooks.md`;
    }
    return attempted !== undefined && attempted !== moves
        ? `its settings have ${attempted} moves, of which ${moves} were made: run pulumi up first`
        : undefined;
}

/** Snapshots of a disk's volumes: those of its present volume first, and of each volume the newest first. */
function snapshotsOf(
    { volumeId, ordinal, storage }: StatePersistentVolume,
    { volumes }: State,
    snapshots: readonly Snapshot[],
): DiskSnapshot[] {
    const all = volumesOfDisk(volumes, diskKey(storage, ordinal)).map((one) => one.volumeId);
    return [...new Set([volumeId, ...all])].flatMap((id) =>
        snapshotsByVolume(snapshots, id)
            .map(({ SnapshotId = "", StartTime = new Date(0), VolumeId = "" }) => ({
                id: SnapshotId,
                at: StartTime,
                volumeId: VolumeId,
            }))
            .sort((a, b) => b.at.getTime() - a.at.getTime()),
    );
}

const volumesOfDisk = lookup<StateVolume>(({ storage, name }) => [diskKey(storage, ordinalOf(name))]);

function diskKey(storage: Storage | undefined, ordinal: number | undefined): string {
    return JSON.stringify([storage?.urn, ordinal]);
}

const snapshotsByVolume = lookup<Snapshot>(({ VolumeId }) => [VolumeId]);

/** The newest snapshot of a disk's present volume. */
export function newestSnapshot({ snapshots, volumeId }: Disk): DiskSnapshot | undefined {
    return snapshots.find((one) => one.volumeId === volumeId);
}
