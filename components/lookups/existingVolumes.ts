import { output } from "@pulumi/pulumi";
import type { InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk } from "../plan/disks";
import type { Component } from "../engine/formerNames";
import { readStackState } from "../engine/stackState";
import { claimVolume, otherClaim, otherUser } from "../history/volumeUsers";
import { nodeFilters } from "../plan/nodeFilters";
import type { Filter } from "../plan/nodeFilters";
import { formatProblem, problemsText } from "../validation/problems";
import { whenKnownOrFailed } from "../validation/secrets";
import type { Hide } from "../validation/secrets";
import { queryAttachedTo, queryNodes, queryTagged, queryVolume, queryWithStatus } from "./awsQueries";
import type { QueriedVolume } from "./awsQueries";
import { clustersIn } from "../plan/tags";

/** An EBS volume that exists, as EC2 describes it. */
export interface ExistingVolume {
    readonly volumeId: string;
    readonly zone: string;
    readonly sizeGiB: number;
    /** Empty if it wasn't made from one. */
    readonly snapshotId: string;
    /** Warnings of obstacles to its use. */
    readonly warnings: readonly string[];
}

/** The volumes that overrides name, as EC2 has them. */
export interface ExistingVolumes {
    readonly byOrdinal: Readonly<Record<number, ExistingVolume>>;
    /** Why they can't be used, all of it. */
    readonly failure?: string;
}

/**
 * The volumes that overrides name by `volumeId`, by ordinal: one call for each, since the provider describes one volume at a
 * time (@pulumi/aws 7.48.0, ebs/getVolume), one for 100 of them, and those for the nodes where one is attached.
 *
 * @param components - The storage under the name that it has, and those that it had.
 * @returns with a failure if one doesn't exist, is another cluster's or another disk's: a value, for the reason that
 * `whenKnownOrFailed` has.
 */
export function findVolumes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    components: Output<Component[]>,
    opts: InvokeOptions,
): Output<ExistingVolumes> {
    const named = disks.flatMap(({ ordinal, volumeId, logicalName }) =>
        volumeId === undefined ? [] : [{ ordinal, volumeId, logicalName }],
    );
    // At once where they are plain, so that neither of two storages goes ahead.
    named.forEach(({ volumeId, logicalName }) => {
        output(volumeId).apply((id) => claimVolume(id, { storage: disks, logicalName }));
        if (typeof volumeId === "string") {
            claimVolume(volumeId, { storage: disks, logicalName });
        }
    });
    const { clusterName, region, nodes } = args;
    const { accessModes } = args.persistentVolume ?? {};
    return whenKnownOrFailed(
        { clusterName, region, nodes, accessModes, wanted: named, storage: components },
        { byOrdinal: {} },
        async (
            { clusterName, region, nodes, accessModes, wanted, storage },
            hide,
        ): Promise<ExistingVolumes> => {
            const state = wanted.length > 0 ? await readStackState() : undefined;
            const found = await Promise.all(
                wanted.map(async (disk) => ({
                    ...disk,
                    volume: await queryVolume(disk.volumeId, region, opts),
                    otherUser: otherUser(disk, state, storage) ?? otherClaim(disk.volumeId, disks),
                })),
            );
            const hidden = await withHiddenTags(found, region, opts);
            const isShared = accessModes?.[0] === "ReadWriteMany";
            const failure = failureOf(found, hidden, { clusterName, isShared }, disks);
            const elsewhere = failure
                ? []
                : await attachedElsewhere(wanted, nodeFilters(clusterName, nodes), region, opts);
            return {
                byOrdinal: described(found, clusterName, disks, elsewhere, hide),
                failure: failure && hide(failure),
            };
        },
    );
}

interface Found {
    readonly ordinal: number;
    readonly volumeId: string;
    readonly volume: QueriedVolume | undefined;
    /** The rule that it breaks by being another disk's too. */
    readonly otherUser: string | undefined;
}

/** Tags by which a volume's cluster is known. */
const clusterTags = ["KubernetesCluster", "ebs.csi.aws.com/cluster-name"] as const;

/** Ids of the volumes whose cluster the provider's `ignoreTags` hides. */
async function withHiddenTags(
    found: readonly Found[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const withoutTags = found.flatMap(({ volume }) =>
        volume && clusterTags.every((key) => volume.tags[key] === undefined) ? [volume.volumeId] : [],
    );
    return queryTagged(withoutTags, clusterTags, region, opts);
}

function failureOf(
    found: readonly Found[],
    hidden: readonly string[],
    needs: Needs,
    disks: readonly Disk[],
): string | undefined {
    const problems = found.flatMap(({ ordinal, volumeId, volume, otherUser: shared }) => {
        const rule = hidden.includes(volumeId)
            ? `must be a volume whose tags can be read: take ${clusterTags.join(" and ")} out of the AWS provider's ` +
              "ignoreTags, which hides whose volume it is"
            : (refusal(volume, needs, disks) ?? shared);
        return rule === undefined
            ? []
            : [formatProblem({ path: ["overrides", String(ordinal), "volumeId"], rule, got: volumeId })];
    });
    return problemsText("there are volumes that can't be used", problems);
}

/** Requirements of a volume. */
interface Needs {
    readonly clusterName: string;
    /** Whether several nodes have it attached at once. */
    readonly isShared: boolean;
}

/** The rule that a volume breaks, if it breaks one. */
function refusal(
    volume: QueriedVolume | undefined,
    { clusterName, isShared }: Needs,
    disks: readonly Disk[],
): string | undefined {
    if (!volume) {
        return "must be a volume of this account and region";
    }
    if (isShared && !volume.multiAttachEnabled) {
        return "must be a volume with Multi-Attach for access mode ReadWriteMany";
    }
    const [other] = clustersIn(volume.tags).filter((one) => one !== clusterName);
    if (other !== undefined) {
        return (
            `must not be a volume of another cluster, its tags say ${JSON.stringify(other)}: let go of it there, ` +
            "and remove its tags"
        );
    }
    const owner = ownerOf(volume, clusterName, disks);
    return owner && `must not be the volume of ordinal ${owner.ordinal} too`;
}

function described(
    found: readonly Found[],
    clusterName: string,
    disks: readonly Disk[],
    elsewhere: readonly string[],
    hide: Hide,
): Record<number, ExistingVolume> {
    const byOrdinal: Record<number, ExistingVolume> = {};
    for (const { ordinal, volume } of found) {
        if (volume) {
            const disk = disks.find((one) => one.ordinal === ordinal);
            const isElsewhere = elsewhere.includes(volume.volumeId);
            byOrdinal[ordinal] = asExisting(volume, clusterName, disk, isElsewhere, hide);
        }
    }
    return byOrdinal;
}

/** Ids of the volumes that are attached to an instance, and to no node of the cluster. */
async function attachedElsewhere(
    wanted: readonly { readonly volumeId: string }[],
    filters: readonly Filter[],
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const ids = wanted.map(({ volumeId }) => volumeId);
    const inUse = await queryWithStatus(ids, "in-use", region, opts);
    if (inUse.length === 0) {
        return [];
    }
    const nodes = await queryNodes(filters, region, opts);
    // Without a node to be seen nothing tells whose instance it is.
    if (nodes.length === 0) {
        return [];
    }
    const ours = await queryAttachedTo(inUse, nodes, region, opts);
    return inUse.filter((id) => !ours.includes(id));
}

/** The disk for which this storage made a volume, going by the volume's tags. */
function ownerOf(volume: QueriedVolume, clusterName: string, disks: readonly Disk[]): Disk | undefined {
    const { KubernetesCluster, "kubernetes.io/created-for/pv/name": owner } = volume.tags;
    return disks.find(
        ({ persistentVolumeName, volumeId }) =>
            volumeId === undefined && KubernetesCluster === clusterName && owner === persistentVolumeName,
    );
}

function asExisting(
    volume: QueriedVolume,
    clusterName: string,
    disk: Disk | undefined,
    isElsewhere: boolean,
    hide: Hide,
): ExistingVolume {
    // Without these, IAM policies of kops and of the driver don't let the driver attach the volume.
    const needed = { KubernetesCluster: clusterName, "ebs.csi.aws.com/cluster": "true" };
    const missing = Object.entries(needed)
        .filter(([key, value]) => volume.tags[key] !== value)
        .map(([key, value]) => `${key}=${value}`);
    const owner = volume.tags["kubernetes.io/created-for/pv/name"];
    const subject = `volume ${volume.volumeId}`;
    return {
        volumeId: volume.volumeId,
        zone: volume.availabilityZone,
        sizeGiB: volume.size,
        snapshotId: volume.snapshotId ?? "",
        warnings: [
            ...(missing.length === 0
                ? []
                : [
                      `${subject} lacks the tags ${missing.join(" and ")}: the EBS CSI driver's IAM policy may keep it from ` +
                          "being attached",
                  ]),
            ...(owner === undefined || owner === disk?.persistentVolumeName
                ? []
                : [
                      `${subject} was made for PersistentVolume ${owner}: make sure that no other stack has it, and that no ` +
                          "other PersistentVolume is on it",
                  ]),
            ...(isElsewhere
                ? [
                      `${subject} is attached to an instance that is no node of the cluster: a pod that needs it waits until ` +
                          "it is detached there",
                  ]
                : []),
        ].map(hide),
    };
}
