import { grouped } from "../inspect/grouped";
import type { Inventory } from "../inspect/inventory";
import type { Deleted } from "../inspect/recycleBin";
import { newestByVolume } from "../inspect/snapshots";
import type { Finding } from "./finding";
import { day } from "./times";
import { restore } from "./undelete";
import { namedVolumes } from "./volumeFindings";

/** Deleted volumes and snapshots that can be had back. They may have been deleted on purpose, so that nothing needs repair. */
export function recycleBinNotes(inventory: Inventory): Finding[] {
    const { ec2, recycleBin = [], backups } = inventory;
    if (!ec2) {
        return [];
    }
    // Volumes that are missed are problems, whose solution is the same command.
    const missed = new Set(namedVolumes(inventory).map(({ volumeId }) => volumeId));
    const volumes = recycleBin.filter(({ kind, id }) => kind === "volume" && !missed.has(id));
    // Data Lifecycle Manager deletes old snapshots day after day: those of a volume that has others are left out.
    const others = backups?.snapshots && newestByVolume(backups.snapshots);
    const snapshots = recycleBin.filter(
        ({ kind, volumeId }) => kind === "snapshot" && others?.has(volumeId) === false,
    );
    return [
        ...volumes.map((volume) => ({
            what: `volume ${volume.id} (${facts(volume)}) was deleted on ${day(volume.at)} and lies in the Recycle Bin until ${day(volume.until)}`,
            mend: ["to have it back, with the same id", restore(volume, ec2)],
        })),
        ...grouped(snapshots, ({ volumeId }) => volumeId).map(([volumeId, all]) => ({
            what: `volume ${volumeId} (${owners(all)}) has no snapshot, and ${all.length} of it ${all.length > 1 ? "lie" : "lies"} in the Recycle Bin`,
            mend: [
                `to have ${all.length > 1 ? "them" : "it"} back, until ${day(all[0].until)}`,
                ...all.map((one) => restore(one, ec2)),
            ],
        })),
    ];
}

function facts({ sizeGiB, owner }: Deleted): string {
    return [`${sizeGiB} GiB`, ...(owner === undefined ? [] : [`PersistentVolume ${owner}`])].join(", ");
}

function owners(all: readonly Deleted[]): string {
    const [owner] = all.flatMap((one) => one.owner ?? []);
    return owner === undefined ? "of this cluster" : `PersistentVolume ${owner}`;
}
