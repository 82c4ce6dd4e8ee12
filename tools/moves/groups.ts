import { nameOf } from "../inspect/persistentVolumes";
import type { Disk } from "./disks";

/** Disks that stay together: all disks of a pod must be in one zone, and come from one moment. */
export interface DiskGroup {
    /** Such as `default/web-0`, or the disk's name if no pod uses it. */
    readonly name: string;
    readonly disks: readonly Disk[];
}

/** A claim as one of a set of pods: its pod's name is known even if the pod doesn't exist now. */
export type PodOf = (claim: string) => string | undefined;

/** Groups of disks that pods share, directly or through one another. */
export function groupsOf(disks: readonly Disk[], podOf: PodOf): DiskGroup[] {
    const groups = new Map<string, { name: string; disks: Disk[] }>();
    for (const disk of disks) {
        const inSet = disk.claim === undefined ? undefined : podOf(disk.claim);
        const pods = disk.pods.length > 0 ? disk.pods.map(nameOf) : inSet === undefined ? [] : [inSet];
        const known = new Set(pods.flatMap((pod) => groups.get(pod) ?? []));
        const [first = { name: pods[0] ?? disk.name, disks: [] }, ...others] = known;
        first.disks.push(disk, ...others.flatMap((other) => other.disks));
        const keys = [...groups].filter(([, group]) => others.includes(group)).map(([key]) => key);
        [...pods, ...keys, ...(pods.length === 0 ? [disk.name] : [])].forEach((key) =>
            groups.set(key, first),
        );
    }
    return [...new Set(groups.values())];
}
