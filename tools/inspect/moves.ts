import { ordinalOf } from "./state";
import type { State, StateVolume } from "./state";

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
