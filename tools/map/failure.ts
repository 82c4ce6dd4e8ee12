import type { MapDisk, Zone } from "./model";
import { current } from "./format";

/** Disks and pods that a zone's failure would take down. */
export interface Failure {
    /** Disks without kept volumes. */
    readonly disks: readonly MapDisk[];
    /** Names of claims whose disks are in the zone. */
    readonly claims: readonly string[];
    /** Names of pods that can't start anywhere else, since a disk of theirs is in the zone. */
    readonly pods: readonly string[];
    /** Number of pods that Kubernetes would start elsewhere. */
    readonly otherPods: number;
    /** Disks without a snapshot; undefined if snapshots were not read. */
    readonly withoutSnapshot?: readonly MapDisk[];
}

/** The effect of a zone's failure. */
export function failureOf({ disks: all, otherPods }: Zone): Failure {
    const disks = current(all);
    const without = disks.filter(({ snapshot }) => snapshot === null);
    return {
        disks: [...without, ...disks.filter(({ snapshot }) => snapshot !== null)],
        claims: unique(disks.flatMap(({ claim }) => (claim?.isThere ? [claim.name] : []))),
        pods: unique(disks.flatMap(({ pods }) => pods.map(({ name }) => name))),
        otherPods,
        withoutSnapshot: disks.some(({ snapshot }) => snapshot === undefined) ? undefined : without,
    };
}

function unique(names: readonly string[]): string[] {
    return [...new Set(names)];
}
