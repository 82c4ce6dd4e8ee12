/** A storage's settings of an ordinal. */
export interface StateOverride {
    /** Whether the disk is on a volume that the storage didn't make: `volumeId`. */
    readonly hasVolumeId: boolean;
    /** How many times it was moved. */
    readonly moves: number;
}

/** A storage's settings in the state; a part of them may be a secret. */
interface Settings {
    readonly clusterName?: unknown;
    readonly overrides?: unknown;
}

/** By ordinal; undefined where they aren't there, or are a secret. */
export function overridesOf({ overrides = {}, clusterName }: Settings = {}):
    Record<string, StateOverride> | undefined {
    if (clusterName === undefined || typeof overrides !== "object" || overrides === null) {
        return undefined;
    }
    const entries = Object.entries(
        overrides as Record<string, { volumeId?: unknown; moves?: unknown } | null>,
    );
    if (entries.some(([ordinal]) => !/^\d+$/.test(ordinal))) {
        return undefined;
    }
    return Object.fromEntries(
        entries.map(([ordinal, override]) => {
            const moves = Array.isArray(override?.moves) ? override.moves.length : 0;
            return [ordinal, { hasVolumeId: override?.volumeId !== undefined, moves }];
        }),
    );
}
