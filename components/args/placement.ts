/** How zones are chosen for new volumes. */
export const Placement = {
    /** The sorted zones in turn. */
    RoundRobin: "RoundRobin",
    /** As many volumes for a zone as it has nodes, in proportion. */
    ByNodeCount: "ByNodeCount",
} as const;
/** One of the placements. */
export type Placement = (typeof Placement)[keyof typeof Placement];
