import type { OverrideArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { firstVolume, generationsOf } from "../plan/disks";
import type { Disk } from "../plan/disks";
import {
    changedSnapshots,
    changedZones,
    generationInUse,
    isZoneId,
    movesFromNothing,
    otherKeptVolumes,
    repeatedMoves,
    suffixOf,
    takenBackMoves,
} from "./moveRules";
import type { RecordedDisk, RecordedDisks } from "./recordedDisks";

/**
 * Why an update with these args would lose or exchange disks, or end refused after it has changed something, by what
 * the stack's state has of the storage. A line for each reason, with the way out.
 *
 * @param isProtected - Whether the volumes are protected by the state, whatever the args say by now.
 * @param now - The time, for those who have to choose between a snapshot and what was written since.
 */
export function continuityProblems(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    recorded: RecordedDisks,
    isProtected: boolean,
    now: Date,
): string[] {
    return [
        ...disks.flatMap((disk) => {
            const known = recorded.get(disk.ordinal);
            return [
                ...(known ? diskProblems(args, disk, known, recorded, now) : []),
                ...(known ? changedCopies(args, disk, known) : []),
                ...(disk.volumeId === undefined ? movesFromNothing(disk, known) : []),
            ];
        }),
        ...(isProtected || args.protect !== false ? protectedProblems(disks, recorded) : []),
    ];
}

/** PersistentVolumes of others for which the update would make an empty volume before it finds them. */
export function unadoptedProblems(disks: readonly Disk[], recorded: RecordedDisks): string[] {
    return disks
        .filter(({ isAdopted, volumeId }) => isAdopted && volumeId === undefined)
        .filter(({ ordinal }) => (recorded.get(ordinal)?.volumes.size ?? 0) === 0)
        .map(
            ({ ordinal, persistentVolumeName }) =>
                `overrides.${ordinal}.persistentVolumeName names PersistentVolume ${persistentVolumeName}, whose volume the ` +
                "state doesn't have: pulumi up would make an empty one. Take both over with npx zonal-persistent-storage " +
                "adopt, or leave the setting out",
        );
}

function diskProblems(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    known: RecordedDisk,
    recorded: RecordedDisks,
    now: Date,
): string[] {
    if (!known.persistentVolume || disk.volumeId !== undefined || isGivenUp(args, disk, known)) {
        return [];
    }
    const generation = generationInUse(known);
    return generation === undefined
        ? [lostVolume(disk, known, recorded)]
        : [
              ...takenBackMoves(disk, known, generation),
              ...otherKeptVolumes(disk, known, generation),
              ...changedZones(disk, known, generation, (zone) => (isZoneId(zone) ? undefined : zone)),
              ...changedSnapshots(disk, known, generation),
              ...repeatedMoves(disk, known, generation, now),
          ];
}

/** A copy is another type of resource: to become one, or to be one no more, is to become another volume. */
function changedCopies(args: ZonalPersistentStorageArgs, disk: Disk, known: RecordedDisk): string[] {
    const [first, made] = [firstVolume(disk), known.volumes.get("")];
    const isCopy = made?.sourceVolumeId !== undefined;
    if (!first || !made || isCopy === (first.isCopy ?? false) || isGivenUp(args, disk, known)) {
        return [];
    }
    const property = `overrides.${disk.ordinal}.sourceVolumeId`;
    const override: OverrideArgs | undefined = args.overrides?.[disk.ordinal];
    if (isCopy) {
        return [
            `${property} must be "${made.sourceVolumeId}", or volume.copyOf stay, until a move releases ${made.id}: that was made ` +
                "as a copy, which Pulumi has as another type of resource, and another volume would be made in its place",
        ];
    }
    const [given, instead] =
        override?.sourceVolumeId === undefined
            ? ["volume.copyOf", "give new ordinals a sourceVolumeId"]
            : [property, "copy to a new ordinal"];
    return [
        `${given} must be left out for ordinal ${disk.ordinal}, which has volume ${made.id}: only new volumes are copies, and another ` +
            `one would be made in its place. Leave it out, and ${instead}`,
    ];
}

/** Whether the args say that an ordinal's volume is lost and another may take its place. */
export function isGivenUp(
    { overrides }: ZonalPersistentStorageArgs,
    { ordinal }: Disk,
    { persistentVolume }: RecordedDisk,
): boolean {
    const override: OverrideArgs | undefined = overrides?.[ordinal];
    return persistentVolume !== undefined && override?.lostVolumeId === persistentVolume.volumeId;
}

/** The PersistentVolume is on a volume that isn't the disk's in the state. */
export function lostVolume(
    { ordinal }: Disk,
    { persistentVolume = { urn: "", name: "", volumeId: "" }, volumes }: RecordedDisk,
    recorded: RecordedDisks,
): string {
    const { name, volumeId } = persistentVolume;
    const property = `overrides.${ordinal}.lostVolumeId`;
    const [owner] =
        [...recorded].find(([, disk]) => [...disk.volumes.values()].some(({ id }) => id === volumeId)) ?? [];
    const other = [...volumes.values()].at(-1);
    if (owner !== undefined && owner !== ordinal) {
        return (
            `PersistentVolume ${name} is on volume ${volumeId}, which is the volume of ordinal ${owner} in the state: the ` +
            "volumes have been exchanged there. Import each under its own ordinal again (pulumi state delete, pulumi import)"
        );
    }
    const doing =
        other && other.id !== volumeId
            ? `the state has ${other.id} as the volume of ordinal ${ordinal}`
            : "a new volume in its place would not have its data";
    return (
        `${property} is missing: PersistentVolume ${name} is on volume ${volumeId}, which the state doesn't have, and ` +
        `${doing}. Check the account and the region; if EC2 has the volume still, take it back (pulumi import, npm run ` +
        `doctor has the command). If it is lost, or is to be given up, ${property} must be "${volumeId}"; ` +
        `overrides.${ordinal}.snapshotId restores a snapshot of it`
    );
}

/** Volumes that are protected and would be let go, which the engine refuses when other things are deleted already. */
function protectedProblems(disks: readonly Disk[], recorded: RecordedDisks): string[] {
    return volumesLetGo(disks, recorded).map(
        ({ ordinal, id, property }) =>
            `${property} must leave volume ${id} of ordinal ${ordinal} in the storage, it is protected: set protect to false and run pulumi up first, without any other change`,
    );
}

/** The same where neither the args nor the state say that they are protected, and each may still be. */
export function unsureProtection(disks: readonly Disk[], recorded: RecordedDisks): string[] {
    return volumesLetGo(disks, recorded).map(
        ({ id, ordinal }) =>
            `volume ${id} of ordinal ${ordinal} leaves the storage, and the state doesn't say whether it is protected: the last ` +
            "update was by an earlier version, or failed half way. If Pulumi says that it is, its PersistentVolume is deleted " +
            "already; pulumi up with the disk in the storage makes that again",
    );
}

function volumesLetGo(disks: readonly Disk[], recorded: RecordedDisks) {
    return [...recorded].flatMap(([ordinal, { volumes }]) => {
        const disk = disks.find((one) => one.ordinal === ordinal);
        const kept = disk?.volumeId === undefined && disk ? generationsOf(disk).map(suffixOf) : [];
        const property = disk ? `overrides.${ordinal}` : "count";
        return [...volumes]
            .filter(([suffix]) => !kept.includes(suffix))
            .map(([, { id }]) => ({ ordinal, id, property }));
    });
}
