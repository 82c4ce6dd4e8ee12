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

/** What was found of the volumes that overrides name. */
export interface ExistingVolumes {
    readonly byOrdinal: Readonly<Record<number, ExistingVolume>>;
    /** Why they can't be used, all of it. */
    readonly failure?: string;
}

/**
 * The volumes that overrides name by `volumeId`, by ordinal: one call for each.
 *
 * @returns with a failure if one doesn't exist or is the volume of another ordinal. It is a value, because a
 * rejected output makes V8 go through all outputs made from it, along every path, for the debugger that
 * Pulumi's runner turns on (Isolate::PromiseHasUserDefinedRejectHandler in Node 20): that takes all memory.
 */
export function findVolumes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<ExistingVolumes> {
    const named = disks.flatMap(({ ordinal, volumeId }) =>
        volumeId === undefined ? [] : [{ ordinal, volumeId }],
    );
    return all([args.clusterName, args.region, output(named)]).apply(
        async ([clusterName, region, wanted]): Promise<ExistingVolumes> => {
            try {
                const found = await Promise.all(
                    wanted.map(async ({ ordinal, volumeId }) => ({
                        ordinal,
                        volumeId,
                        volume: await queryVolume(volumeId, region, opts),
                    })),
                );
                return chosen(found, clusterName, disks);
            } catch (error) {
                return { byOrdinal: {}, failure: (error as Error).message };
            }
        },
    );
}

interface Found {
    readonly ordinal: number;
    readonly volumeId: string;
    readonly volume: aws.ebs.GetVolumeResult | undefined;
}

function chosen(found: readonly Found[], clusterName: string, disks: readonly Disk[]): ExistingVolumes {
    const problems = found.flatMap(({ ordinal, volumeId, volume }) => {
        const owner = volume && ownerOf(volume, clusterName, disks);
        const rule = owner
            ? `must not be the volume of ordinal ${owner.ordinal} too`
            : "must be a volume of this account and region";
        return volume && !owner ? [] : [`overrides.${ordinal}.volumeId ${rule}, got "${volumeId}"`];
    });
    const failure =
        problems.length > 0 ? userError("there are volumes that can't be used", problems).message : undefined;
    const described = found.flatMap(({ ordinal, volume }) =>
        volume ? [[ordinal, asExisting(volume, clusterName)]] : [],
    );
    return { byOrdinal: Object.fromEntries(described) as Record<number, ExistingVolume>, failure };
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

function asExisting(volume: aws.ebs.GetVolumeResult, clusterName: string): ExistingVolume {
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
