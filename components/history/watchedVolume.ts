import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { isGivenUp, lostVolume } from "./continuity";
import { suffixOf } from "./moveRules";
import type { WatchedVolume } from "../engine/hooks";
import type { Disk, Generation } from "../plan/disks";
import type { Hide } from "../validation/secrets";
import type { RecordedDisk, RecordedDisks } from "./recordedDisks";

/** A volume as the hooks have to know it. */
export function watchedVolume(
    args: ZonalPersistentStorageArgs,
    clusterName: string,
    disk: Disk,
    generation: Generation,
    disks: readonly Disk[],
    recorded: RecordedDisks | undefined,
    hide: Hide,
): WatchedVolume {
    const known = recorded?.get(disk.ordinal);
    const own = known?.volumes.get(suffixOf(generation))?.id;
    const isInUse = own !== undefined && own === known?.persistentVolume?.volumeId;
    return {
        onCreate:
            recorded && known && isInUse && !isGivenUp(args, disk, known)
                ? lostVolume(disk, known, recorded)
                : undefined,
        onUpdate: (tags) => {
            const reason = foreignTags(tags, clusterName, disk, disks, known);
            return reason && hide(reason);
        },
    };
}

/** A volume whose tags say that it is another disk's, or another cluster's. */
function foreignTags(
    tags: Readonly<Record<string, string>>,
    clusterName: string,
    { ordinal, persistentVolumeName }: Disk,
    disks: readonly Disk[],
    known: RecordedDisk | undefined,
): string | undefined {
    const { KubernetesCluster: cluster, "kubernetes.io/created-for/pv/name": name } = tags;
    const own = [persistentVolumeName, known?.persistentVolume?.name];
    const isAnothers =
        name !== undefined &&
        disks.some((one) => one.ordinal !== ordinal && one.persistentVolumeName === name);
    // Where the PersistentVolume is on one of its volumes already, other tags are a change of the settings.
    const isUnsettled =
        known !== undefined &&
        ![...known.volumes.values()].some(({ id }) => id === known.persistentVolume?.volumeId);
    if (isUnsettled && cluster !== undefined && cluster !== clusterName) {
        return wrongTag(ordinal, "KubernetesCluster", cluster, clusterName);
    }
    if (name !== undefined && !own.includes(name) && (isAnothers || isUnsettled)) {
        return wrongTag(ordinal, "kubernetes.io/created-for/pv/name", name, persistentVolumeName);
    }
    return undefined;
}

function wrongTag(ordinal: number, key: string, got: string, wanted: string): string {
    return (
        `the volume in the state of ordinal ${ordinal} is another's: its tag ${key} must be "${wanted}", got "${got}". Take it ` +
        "out (pulumi state delete) and import the right one; if it is meant, change the tag with aws ec2 create-tags, then " +
        "pulumi up --refresh"
    );
}
