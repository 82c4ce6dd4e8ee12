import type * as aws from "@pulumi/aws";
import { all, output } from "@pulumi/pulumi";
import type { InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "./args";
import type { Disk } from "./plan";
import { userError } from "./problems";
import { queryVolume } from "./queries";

/** An EBS volume that exists, as EC2 describes it. */
export interface ExistingVolume {
    readonly volumeId: string;
    readonly zone: string;
    readonly sizeGiB: number;
    /** Empty if it wasn't made from one. */
    readonly snapshotId: string;
    /** Tags that its users will look for and that it lacks. */
    readonly missingTags: readonly string[];
}

/**
 * The volumes that overrides name by `volumeId`, by ordinal: one call for each.
 *
 * @throws RunError, in the output, if one doesn't exist or is the volume of another ordinal.
 */
export function findVolumes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<Readonly<Record<number, ExistingVolume>>> {
    const named = disks.flatMap(({ ordinal, volumeId }) =>
        volumeId === undefined ? [] : [{ ordinal, volumeId }],
    );
    return all([args.clusterName, args.region, output(named)]).apply(
        async ([clusterName, region, wanted]) => {
            const found = await Promise.all(
                wanted.map(async ({ ordinal, volumeId }) => ({
                    ordinal,
                    volumeId,
                    volume: await queryVolume(volumeId, region, opts),
                })),
            );
            const problems = found.flatMap(({ ordinal, volumeId, volume }) => {
                const owner = volume && ownerOf(volume, clusterName, disks);
                const rule = owner
                    ? `must not be the volume of ordinal ${owner.ordinal} too`
                    : "must be a volume of this account and region";
                return volume && !owner ? [] : [`overrides.${ordinal}.volumeId ${rule}, got "${volumeId}"`];
            });
            if (problems.length > 0) {
                throw userError("there are volumes that can't be used", problems);
            }
            return Object.fromEntries(
                found.flatMap(({ ordinal, volume }) =>
                    volume ? [[ordinal, described(volume, clusterName)]] : [],
                ),
            );
        },
    );
}

/** The disk for which this storage made a volume, going by the volume's tags. */
function ownerOf(
    volume: aws.ebs.GetVolumeResult,
    clusterName: string,
    disks: readonly Disk[],
): Disk | undefined {
    const { KubernetesCluster, "kubernetes.io/created-for/pv/name": owner } = volume.tags;
    return disks.find(
        ({ persistentVolumeName, volumeId }) =>
            volumeId === undefined && KubernetesCluster === clusterName && owner === persistentVolumeName,
    );
}

function described(volume: aws.ebs.GetVolumeResult, clusterName: string): ExistingVolume {
    // Without these, IAM policies of kops and of the driver don't let the driver attach the volume.
    const needed = { KubernetesCluster: clusterName, "ebs.csi.aws.com/cluster": "true" };
    const missing = Object.entries(needed).filter(([key, value]) => volume.tags[key] !== value);
    return {
        volumeId: volume.volumeId,
        zone: volume.availabilityZone,
        sizeGiB: volume.size,
        snapshotId: volume.snapshotId,
        missingTags: missing.map(([key, value]) => `${key}=${value}`),
    };
}
