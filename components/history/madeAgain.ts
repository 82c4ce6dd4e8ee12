import { CsiDriver, ZoneLabel } from "../args/persistentVolumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk } from "../plan/disks";
import type { RecordedDisks } from "./recordedDisks";

/**
 * A warning where PersistentVolumes are made again for another driver or label: Kubernetes deletes none whose claim is
 * bound, and no claim whose pod runs. A line for each storage.
 */
export function madeAgainWarnings(
    { persistentVolume: { csiDriver = CsiDriver.ebs, zoneLabel } = {}, claims }: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    recorded: RecordedDisks,
): string[] {
    const changed = disks.filter(({ ordinal, isAdopted }) => {
        const known = recorded.get(ordinal)?.persistentVolume;
        const hasOtherLabel =
            zoneLabel !== undefined && known?.hasAutoModeLabel !== (zoneLabel === ZoneLabel.eksAutoMode);
        return (
            known?.csiDriver !== undefined && !isAdopted && (known.csiDriver !== csiDriver || hasOtherLabel)
        );
    });
    if (changed.length === 0) {
        return [];
    }
    const names = changed.map(({ persistentVolumeName }) => persistentVolumeName).join(", ");
    const claimsOfOthers = claims?.create ? "" : " and delete their claims";
    return [
        `PersistentVolumes are made again, for driver ${csiDriver}: ${names}. Their volumes stay, with their data. First end the ` +
            `pods that use them${claimsOfOthers}: Kubernetes deletes no PersistentVolume in use, and the update would fail after 90 ` +
            "seconds",
    ];
}
