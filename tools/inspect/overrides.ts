import { isCopy } from "../../components/plan/disks";
import { isMap } from "../../components/schema/schemaParts";

/** A storage's override for one ordinal. */
export interface StateOverride {
    /** Whether it names an existing volume: `volumeId`. */
    readonly hasVolumeId: boolean;
    /** Number of moves. */
    readonly moves: number;
    /** Whether its first volume is a copy of another one. */
    readonly isCopy: boolean;
}

/** A storage's settings in the state; a part of them may be a secret. */
interface Settings {
    readonly clusterName?: unknown;
    readonly overrides?: unknown;
    readonly volume?: unknown;
}

interface OverrideSettings {
    readonly volumeId?: unknown;
    readonly moves?: unknown;
    readonly sourceVolumeId?: unknown;
    readonly snapshotId?: unknown;
}

/** Whether first volumes are copies of others, by a storage's settings and an override. */
export function makesCopies({ volume }: Settings = {}, override: OverrideSettings = {}): boolean {
    return isCopy(isMap(volume) ? volume : {}, override);
}

/** Overrides by ordinal; undefined if they are missing or secret. */
export function overridesOf({ overrides = {}, clusterName, volume }: Settings = {}):
    Record<string, StateOverride> | undefined {
    if (clusterName === undefined || typeof overrides !== "object" || overrides === null) {
        return undefined;
    }
    const entries = Object.entries(overrides as Record<string, OverrideSettings | null>);
    if (entries.some(([ordinal]) => !/^\d+$/.test(ordinal))) {
        return undefined;
    }
    return Object.fromEntries(
        entries.map(([ordinal, override]) => {
            const moves = Array.isArray(override?.moves) ? override.moves.length : 0;
            const own = { hasVolumeId: override?.volumeId !== undefined, moves };
            return [ordinal, { ...own, isCopy: makesCopies({ volume }, override ?? {}) }];
        }),
    );
}
