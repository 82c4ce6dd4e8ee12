import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { isGivenUp } from "./continuity";
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
        onCreate: known && isInUse && !isGivenUp(args, disk, known) ? replacedVolume(disk, known) : undefined,
        onUpdate: (tags) => {
            const reason = foreignTags(tags, clusterName, disk, disks, known);
            return reason && hide(reason);
        },
    };
}

/** The engine makes a volume again that the disk is on: it was told to, or it has just seen that EC2 doesn't have it. */
function replacedVolume({ ordinal }: Disk, { persistentVolume, volumes }: RecordedDisk): string {
    const { name, volumeId = "" } = persistentVolume ?? {};
    const [urn] = [...volumes.values()].filter(({ id }) => id === volumeId).map((one) => one.urn);
    const property = `overrides.${ordinal}.lostVolumeId`;
    return (
        `${property} is missing: PersistentVolume ${name} is on volume ${volumeId}, and another one in its place would not ` +
        `have its data. If pulumi was told to replace it, leave --replace out, or take the taint back (pulumi state untaint ` +
        `'${urn}'): overrides.${ordinal}.moves gives the disk another volume with the data. If pulumi hasn't found it, check the ` +
        "account and the region; if EC2 has the volume still, take it back (pulumi import, npx zonal-persistent-storage doctor has the command). " +
        `If it is lost, or is to be given up, ${property} must be "${volumeId}"; overrides.${ordinal}.snapshotId restores a ` +
        "snapshot of it"
    );
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
