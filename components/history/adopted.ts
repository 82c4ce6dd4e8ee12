import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk } from "../plan/disks";
import { isGivenUp } from "./continuity";
import type { RecordedDisk, RecordedDisks } from "./recordedDisks";

/**
 * Why an update with these args would delete PersistentVolumes of others, or make another one beside them, while pods use
 * them. A line for each, with the way out.
 */
export function adoptedProblems(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    recorded: RecordedDisks,
): string[] {
    return disks.flatMap((disk) => {
        const known = recorded.get(disk.ordinal);
        return known?.persistentVolume ? problemsOf(args, disk, known, known.persistentVolume) : [];
    });
}

function problemsOf(
    args: ZonalPersistentStorageArgs,
    disk: Disk,
    known: RecordedDisk,
    { name, volumeId, isAdopted }: NonNullable<RecordedDisk["persistentVolume"]>,
): string[] {
    const property = `overrides.${disk.ordinal}.persistentVolumeName`;
    const isMoved = disk.current.move !== undefined;
    const isLost =
        isGivenUp(args, disk, known) && ![...known.volumes.values()].some(({ id }) => id === volumeId);
    if (isLost) {
        return isAdopted && disk.isAdopted
            ? [
                  `${property} must be left out beside lostVolumeId, or a move be added: PersistentVolume ${name} would stay on ` +
                      `volume ${volumeId}, which is given up`,
              ]
            : [];
    }
    const isOtherName = disk.persistentVolumeName !== name && (isAdopted || disk.isAdopted);
    const isLeftOut = isAdopted && !disk.isAdopted && !isMoved;
    if (!isOtherName && !isLeftOut) {
        return [];
    }
    const given = args.overrides?.[disk.ordinal]?.persistentVolumeName;
    return [
        `${property} ${given === undefined ? "is missing, it must" : "must"} be "${name}": the disk's PersistentVolume ` +
            `${isAdopted ? "was made by others and adopted, and " : ""}would be deleted while its claim uses it, and another one ` +
            `made${given === undefined ? "" : `, got ${JSON.stringify(given)}`}. To take the disk out of the stack as it is, run ` +
            `npx zonal-persistent-storage release ${disk.storageName}`,
    ];
}
