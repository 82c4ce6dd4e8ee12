/** Names of a cluster, by their source. */
export interface NameSources {
    /** Option `--cluster`. */
    readonly given: readonly string[];
    /** Tags of the volumes in the state. */
    readonly inState: readonly string[];
    /** Tags of the volumes behind the cluster's PersistentVolumes. */
    readonly inTags: readonly string[];
}

/**
 * Names of the inspected cluster. Several clusters share an account, and volumes of another one must not be reported
 * as left behind: its PersistentVolumes were not read.
 *
 * @returns no name if the sources contradict each other or there are none.
 */
export function clusterNamesOf({ given, inState, inTags }: NameSources): string[] {
    const known = [...new Set([...given, ...inState])];
    const both = known.filter((name) => inTags.includes(name));
    const tags = [...new Set(inTags)];
    if (known.length > 0) {
        return (tags.length > 0 ? both : known).sort();
    }
    return tags.length === 1 ? tags : [];
}
