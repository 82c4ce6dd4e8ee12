/**
 * Zone of a new volume: the turn's zones one after the other, over and over, by ordinal. Other ordinals
 * don't matter, whether they exist or not.
 *
 * @param turn - From {@link sortedUnique} or {@link byNodeCount}.
 */
export function zoneForOrdinal(turn: readonly string[], ordinal: number): string {
    const zone = turn[ordinal % turn.length];
    if (zone === undefined) {
        throw new RangeError("there must be at least one zone");
    }
    return zone;
}

/** Zones sorted, so that their order in an answer doesn't matter, each once: one turn of round robin. */
export function sortedUnique(zones: readonly string[]): string[] {
    return [...new Set(zones)].sort();
}

/**
 * One turn by number of nodes: each zone as often as it has nodes, spread so that at any point every zone has
 * its share, rounded. A zone's n-th volume is due at (n + 1/2) / nodes of the turn, which is Webster's method of
 * distributing seats (https://en.wikipedia.org/wiki/Sainte-Lagu%C3%AB_method); what is due at the same time is
 * sorted. Zones with equally many nodes make it round robin.
 */
export function byNodeCount(nodes: Readonly<Record<string, number>>): string[] {
    return Object.entries(nodes)
        .flatMap(([zone, count]) =>
            Array.from({ length: count }, (_, earlier) => ({ zone, count, due: 2 * earlier + 1 })),
        )
        .sort((a, b) => a.due * b.count - b.due * a.count || (a.zone < b.zone ? -1 : 1))
        .map(({ zone }) => zone);
}
