import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { moveFrom } from "../inspect/moves";
import { nameOf, volumeIdOf, zonesOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { StateDisk, StateVolume } from "../inspect/state";
import type { Sight } from "./mapData";
import type { Concern, MapDisk } from "./model";

/** A disk and the zone that it is in; empty if nothing says which. */
export interface PlacedDisk {
    readonly zone: string;
    readonly disk: MapDisk;
}

/** All that is known of one disk, before it is put in words. */
interface Known {
    readonly persistentVolume?: V1PersistentVolume;
    readonly inState?: StateVolume;
    readonly record?: StateDisk & { readonly storage: string };
    readonly volumeId?: string;
}

/** The cluster's EBS disks, whoever made them, and those of the stack, each in its zone. */
export function placedDisks(sight: Sight): PlacedDisk[] {
    const volumes = sight.ec2 && volumesById(sight.ec2);
    const snapshots = sight.snapshots && newest(sight.snapshots);
    return knownDisks(sight).map((known) => place(known, sight, volumes, snapshots));
}

function knownDisks({ cluster, state }: Sight): Known[] {
    const inCluster = cluster?.persistentVolumes.filter(isEbs) ?? [];
    const ours = state?.volumes.filter(({ storage }) => storage !== undefined) ?? [];
    const records = (state?.storages ?? []).flatMap(({ name, disks }) =>
        disks.map((disk) => ({ ...disk, storage: name })),
    );
    const of = (volumeId: string | undefined) => ({
        volumeId,
        inState: ours.find((one) => one.volumeId === volumeId),
        record: records.find((one) => one.volumeId === volumeId),
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

function place(
    known: Known,
    { cluster, state }: Sight,
    volumes: ReadonlyMap<string, Volume> | undefined,
    snapshots: ReadonlyMap<string, Snapshot> | undefined,
): PlacedDisk {
    const { persistentVolume, inState, record, volumeId } = known;
    const volume = volumes?.get(volumeId ?? "");
    const claim = persistentVolume && claimOf(persistentVolume, cluster?.claims ?? []);
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
        sizeGiB: volume?.Size ?? inState?.sizeGiB ?? gibibytes(persistentVolume),
        type: volume?.VolumeType ?? inState?.type,
        isEncrypted: volume?.Encrypted ?? inState?.isEncrypted,
        deletionPolicy: inState?.deletionPolicy,
        isProtected: inState?.isProtected,
        movedTo: persistentVolume || !inState ? undefined : moveFrom(inState, state)?.to.volumeId,
        status: persistentVolume?.status?.phase,
        claim,
        pods: (claim?.isThere ? (cluster?.pods ?? []) : [])
            .filter((pod) => isUsing(pod, claim?.name))
            .map((pod) => ({
                name: nameOf(pod),
                phase: pod.status?.phase ?? "Unknown",
                node: pod.spec?.nodeName,
            })),
        snapshot: snapshot
            ? { id: snapshot.SnapshotId ?? "", at: snapshot.StartTime?.toISOString() ?? "" }
            : snapshots && null,
        concerns,
    };
    return { zone, disk };
}

function isEbs({ spec }: V1PersistentVolume): boolean {
    const drivers: readonly (string | undefined)[] = Object.values(CsiDriver);
    return drivers.includes(spec?.csi?.driver) || spec?.awsElasticBlockStore !== undefined;
}

/** The claim that a PersistentVolume is bound to or reserved for. */
function claimOf({ spec, status }: V1PersistentVolume, claims: readonly V1PersistentVolumeClaim[]) {
    const { namespace, name, uid } = spec?.claimRef ?? {};
    if (name === undefined) {
        return undefined;
    }
    const claim = claims.find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace);
    // A new claim of the old name isn't the one that a Released PersistentVolume waits for.
    const isIt = status?.phase !== "Released" || claim?.metadata?.uid === uid;
    return { name: `${namespace}/${name}`, isThere: claim !== undefined && isIt };
}

function isUsing({ metadata, spec }: V1Pod, claim: string | undefined): boolean {
    return (spec?.volumes ?? []).some(
        ({ persistentVolumeClaim: used }) => used && `${metadata?.namespace}/${used.claimName}` === claim,
    );
}

function newest(snapshots: readonly Snapshot[]): Map<string, Snapshot> {
    const byAge = [...snapshots].sort(
        (a, b) => (a.StartTime?.getTime() ?? 0) - (b.StartTime?.getTime() ?? 0),
    );
    return new Map(byAge.map((snapshot) => [snapshot.VolumeId ?? "", snapshot]));
}

/** Capacity in whole GiB, as the component writes it. */
function gibibytes(persistentVolume: V1PersistentVolume | undefined): number | undefined {
    const [, number] = /^(\d+)Gi$/.exec(persistentVolume?.spec?.capacity?.storage ?? "") ?? [];
    return number === undefined ? undefined : Number(number);
}
