/** Where names of a cluster come from. */
export interface NameSources {
    /** By `--cluster`. */
    readonly given: readonly string[];
    /** Of the volumes in the state. */
    readonly inState: readonly string[];
    /** In the tags of the volumes that the cluster's PersistentVolumes are for. */
    readonly inTags: readonly string[];
}

/**
 * Names of the cluster that was looked at. Several clusters share an account, and the volumes of another one
 * must not be taken for left behind: its PersistentVolumes weren't looked at.
 *
 * @returns no name if none is sure.
 */
export function clusterNamesOf({ given, inState, inTags }: NameSources): string[] {
    const told = [...new Set([...given, ...inState])];
    const both = told.filter((name) => inTags.includes(name));
    const tags = [...new Set(inTags)];
    if (told.length > 0) {
        return (tags.length > 0 ? both : told).sort();
    }
    return tags.length === 1 ? tags : [];
}
