import { volumeIdOf, volumesById } from "../inspect/seen";
import type { Finding, Seen } from "../inspect/seen";
import { ordinalOf } from "../inspect/state";
import type { State, StateVolume } from "../inspect/state";

/** What to know of that is as it should be: volumes that disks were moved away from. */
export function notes({ cluster, ec2, state, clusterNames }: Seen): Finding[] {
    const exists = ec2 && volumesById(ec2);
    return (state?.volumes ?? []).flatMap((volume) => {
        const left = moveFrom(volume, state);
        const isThere = exists?.has(volume.volumeId) ?? true;
        const isHere = volume.clusterName === undefined || clusterNames.includes(volume.clusterName);
        const isUsed = cluster.persistentVolumes.some((one) => volumeIdOf(one) === volume.volumeId);
        if (!left || isUsed || !isThere || !isHere) {
            return [];
        }
        return [
            {
                what: `volume ${volume.volumeId} (${volume.name} in the state) is kept since its disk was moved to ${left.to.volumeId}`,
                mend: [`to let go of it: ${left.release}`],
            },
        ];
    });
}

/** The move by which a disk left a volume that is in the state still. */
export function moveFrom(
    volume: StateVolume,
    state: State | undefined,
): { readonly to: StateVolume; readonly release: string } | undefined {
    const { storage, name } = volume;
    const [ordinal, moves] = [ordinalOf(name), movesOf(name)];
    // By ordinal: after a rename that is half done they don't all begin with the same name.
    const to = state?.volumes.find(
        (one) =>
            one.storage?.urn === storage?.urn &&
            ordinalOf(one.name) === ordinal &&
            movesOf(one.name) === moves + 1,
    );
    return storage && to && ordinal !== undefined
        ? {
              to,
              release: `previous: Release in overrides.${ordinal}.moves.${moves} of storage ${storage.name}`,
          }
        : undefined;
}

/** How often a disk had been moved when the volume of this name was made. */
function movesOf(name: string): number {
    return Number(/-\d+-moved-(\d+)$/.exec(name)?.[1] ?? 0);
}
