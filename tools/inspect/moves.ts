import { lookup } from "./lookup";
import { ordinalOf } from "./state";
import type { State, StateVolume, Storage } from "./state";

/** The move by which a disk left a volume, if the state still has that volume. */
export function moveFrom(
    volume: StateVolume,
    state: State | undefined,
): { readonly to: StateVolume; readonly release: string } | undefined {
    const { storage, name } = volume;
    const [ordinal, moves] = [ordinalOf(name), movesOf(name)];
    const [to] = volumesOfGeneration(state?.volumes, generation(storage, ordinal, moves + 1));
    return storage && to && ordinal !== undefined
        ? {
              to,
              release: `previous: Release in overrides.${ordinal}.moves.${moves} of storage ${storage.name}`,
          }
        : undefined;
}

const volumesOfGeneration = lookup<StateVolume>(({ storage, name }) => [
    generation(storage, ordinalOf(name), movesOf(name)),
]);

/** A disk's volume after a number of moves. By ordinal: after a rename that failed half way prefixes differ. */
function generation(storage: Storage | undefined, ordinal: number | undefined, moves: number) {
    return storage && JSON.stringify([storage.urn, ordinal, moves]);
}

/** Number of the disk's moves before the volume of this name was created. */
export function movesOf(name: string): number {
    return Number(/-\d+-moved-(\d+)$/.exec(name)?.[1] ?? 0);
}
