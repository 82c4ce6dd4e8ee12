import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { overdueDisks } from "../doctor/backupAge";
import { moveFrom } from "../inspect/moves";
import { claimNameOf, claimOf, nameOf, volumeIdOf, zonesOf } from "../inspect/persistentVolumes";
import { lookup } from "../inspect/lookup";
import { podsByClaim } from "../inspect/pods";
import { gibibytesIn } from "../inspect/quantity";
import { newestByVolume } from "../inspect/snapshots";
import { volumesById } from "../inspect/ec2";
import type { StateDisk, StateVolume } from "../inspect/state";
import { stateVolumesWithId } from "../inspect/stateLookups";
import type { MapData } from "./mapData";
import type { Concern, MapDisk } from "./model";

/** A disk and its zone, which is empty if unknown. */
export interface PlacedDisk {
    readonly zone: string;
    readonly disk: MapDisk;
}

/** All sources on one disk. */
interface KnownDisk {
    readonly persistentVolume?: V1PersistentVolume;
    readonly inState?: StateVolume;
    readonly record?: DiskRecord;
    readonly volumeId?: string;
}

/** A disk in its storage's outputs. */
type DiskRecord = StateDisk & { readonly storage: string };

/** All EBS disks of the cluster and of the stack, each in its zone. */
export function placedDisks(data: MapData): PlacedDisk[] {
    const volumes = data.ec2 && volumesById(data.ec2);
    const snapshots = data.snapshots && newestByVolume(data.snapshots);
    const overdue = overdueVolumes(data);
    return knownDisks(data).map((known) => place(known, data, volumes, snapshots, overdue));
}

function knownDisks({ cluster, state }: MapData): KnownDisk[] {
    const inCluster = cluster?.persistentVolumes.filter(isEbs) ?? [];
    const ours = state?.volumes.filter(({ storage }) => storage !== undefined) ?? [];
    const records = (state?.storages ?? []).flatMap(({ name, disks }) =>
        disks.map((disk) => ({ ...disk, storage: name })),
    );
    const of = (volumeId: string | undefined) => ({
        volumeId,
        inState: stateVolumesWithId(ours, volumeId)[0],
        record: recordsWithId(records, volumeId)[0],
    });
    const ids = new Set(inCluster.map(volumeIdOf));
    const others = [...ours, ...records].flatMap(({ volumeId }) => volumeId ?? []);
    return [
        ...inCluster.map((persistentVolume) => ({
            ...of(volumeIdOf(persistentVolume)),
            persistentVolume,
        })),
        ...[...new Set(others)].filter((id) => !ids.has(id)).map(of),
    ];
}

const recordsWithId = lookup<DiskRecord>(({ volumeId }) => [volumeId]);

function place(
    known: KnownDisk,
    { cluster, state }: MapData,
    volumes: ReadonlyMap<string, Volume> | undefined,
    snapshots: ReadonlyMap<string, Snapshot> | undefined,
    overdue: ReadonlySet<string>,
): PlacedDisk {
    const { persistentVolume, inState, record, volumeId } = known;
    const volume = volumes?.get(volumeId ?? "");
    const claim = persistentVolume && mapClaim(persistentVolume, cluster?.claims);
    const snapshot = snapshots?.get(volumeId ?? "");
    const concerns: Concern[] = [
        ...(volumes && volumeId !== undefined && !volume ? ["gone" as const] : []),
        ...(volume?.State === "error" ? ["error" as const] : []),
        ...(persistentVolume?.status?.phase === "Failed" ? ["failed" as const] : []),
        ...(persistentVolume?.status?.phase === "Released" ? ["released" as const] : []),
    ];
    const zone =
        volume?.AvailabilityZone ??
        inState?.zone ??
        record?.zone ??
        (persistentVolume && zonesOf(persistentVolume)[0]) ??
        "";
    const disk = {
        name: persistentVolume
            ? nameOf(persistentVolume)
            : (record?.persistentVolumeName ?? inState?.name ?? volumeId ?? ""),
        volumeId,
        storage: inState?.storage?.name ?? record?.storage,
        sizeGiB:
            volume?.Size ?? inState?.sizeGiB ?? gibibytesIn(persistentVolume?.spec?.capacity?.["storage"]),
        type: volume?.VolumeType ?? inState?.type,
        isEncrypted: volume?.Encrypted ?? inState?.isEncrypted,
        deletionPolicy: inState?.deletionPolicy,
        isProtected: inState?.isProtected,
        movedTo: persistentVolume || !inState ? undefined : moveFrom(inState, state)?.to.volumeId,
        status: persistentVolume?.status?.phase,
        claim,
        pods: podsByClaim(cluster?.pods.withClaims, claim?.isThere ? claim.name : undefined).map((pod) => ({
            name: nameOf(pod),
            phase: pod.status?.phase ?? "Unknown",
            node: pod.spec?.nodeName,
        })),
        snapshot: snapshot
            ? {
                  id: snapshot.SnapshotId ?? "",
                  at: snapshot.StartTime?.toISOString() ?? "",
                  ...(overdue.has(volumeId ?? "") && { isOverdue: true }),
              }
            : snapshots && null,
        concerns,
    };
    return { zone, disk };
}

/** Ids of volumes whose storage's backup should have made a newer snapshot. */
function overdueVolumes({ backups }: MapData): Set<string> {
    const disks = backups?.all.flatMap((backup) => overdueDisks(backup, backups)) ?? [];
    return new Set(disks.map(({ volumeId }) => volumeId));
}

function isEbs({ spec }: V1PersistentVolume): boolean {
    const drivers: readonly (string | undefined)[] = Object.values(CsiDriver);
    return drivers.includes(spec?.csi?.driver) || spec?.awsElasticBlockStore !== undefined;
}

/** The claim in a PersistentVolume's claimRef. */
function mapClaim(
    persistentVolume: V1PersistentVolume,
    claims: readonly V1PersistentVolumeClaim[] | undefined,
): MapDisk["claim"] {
    const name = claimNameOf(persistentVolume);
    if (name === undefined) {
        return undefined;
    }
    const claim = claimOf(persistentVolume, claims);
    // A Released or Failed PersistentVolume is reserved for the old claim's uid, not for a new claim of its name.
    const isIt =
        !["Released", "Failed"].includes(persistentVolume.status?.phase ?? "") ||
        claim?.metadata?.uid === persistentVolume.spec?.claimRef?.uid;
    return { name, isThere: claim !== undefined && isIt };
}
