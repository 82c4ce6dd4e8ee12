import { ordinalOf } from "./state";
import type { State, StateVolume } from "./state";

/** The move by which a disk left a volume, if the state still has that volume. */
export function moveFrom(
    volume: StateVolume,
    state: State | undefined,
): { readonly to: StateVolume; readonly release: string } | undefined {
    const { storage, name } = volume;
    const [ordinal, moves] = [ordinalOf(name), movesOf(name)];
    // Compare ordinals: after a rename that failed half way the names have different prefixes.
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

/** Number of the disk's moves before the volume of this name was created. */
function movesOf(name: string): number {
    return Number(/-\d+-moved-(\d+)$/.exec(name)?.[1] ?? 0);
}
