/** A storage's override for one ordinal. */
export interface StateOverride {
    /** Whether it names an existing volume: `volumeId`. */
    readonly hasVolumeId: boolean;
    /** Number of moves. */
    readonly moves: number;
}

/** A storage's settings in the state; a part of them may be a secret. */
interface Settings {
    readonly clusterName?: unknown;
    readonly overrides?: unknown;
}

/** Overrides by ordinal; undefined if they are missing or secret. */
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
