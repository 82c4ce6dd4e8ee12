const names = {
    state: "the stack's state",
    cluster: "the cluster",
    nodes: "the cluster's nodes",
    attachSlots: "attach slots",
    ec2: "EC2",
    leftovers: "leftover volumes",
    recycleBin: "the Recycle Bin",
} as const;

/** Whether each source was looked at. */
export type LookedAt = Readonly<Partial<Record<keyof typeof names, boolean>>>;

/** The end of a verdict that holds for what was looked at; empty where nothing is missing. */
export function exceptionsOf(missing: readonly string[]): string {
    return missing.length === 0 ? "" : `; not looked at: ${missing.join(", ")}`;
}

/** The end of "no problems found", which holds for what could be read. */
export function limitsOf(missing: readonly string[]): string {
    return missing.length === 0 ? "" : ` in what could be read${exceptionsOf(missing)}`;
}

/**
 * Names of what was not looked at: without it, "no problems" would say too much.
 *
 * @param regions - Regions with volumes of the stack other than the one that was looked at.
 */
export function notLookedAt(lookedAt: LookedAt, regions: readonly string[] = []): string[] {
    const missing = (Object.keys(names) as (keyof typeof names)[]).filter((one) => lookedAt[one] === false);
    return [...missing.map((one) => names[one]), ...regions.map((region) => `volumes in ${region}`)];
}
