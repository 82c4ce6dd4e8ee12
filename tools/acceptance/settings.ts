import type { Options } from "./arguments";
import { nameOf, runKey } from "./runIds";

/** How far a run has come: each step asks for one thing more. */
export interface Progress {
    /** Whether the first of the three disks has grown from 1 to 2 GiB. */
    readonly grown?: boolean;
    /** Whether the second is of type gp3. */
    readonly gp3?: boolean;
    /** Whether there are the disk with a claim, and the one that a last snapshot is taken of. */
    readonly claimed?: boolean;
    /** Where the disk with the claim is moved to; without a zone it is restored where it is. */
    readonly moved?: { readonly zone?: string };
}

/** Name of the one claim. */
export const claimName = "data";

/** The storages of a run, by what happens to their volumes at the end. */
export function storageNames(run: string) {
    return { deleted: nameOf(run), retained: nameOf(run, "claim"), snapshotted: nameOf(run, "last") };
}

/** Config of the run's stack. */
export function stackConfig(
    options: Options,
    run: string,
    context: string,
    progress: Progress,
): Record<string, unknown> {
    const { account, region, cluster: name, nodes } = options;
    const names = storageNames(run);
    const csiDriver = nodes?.preset === "eksAutoMode" ? "ebs.csi.eks.amazonaws.com" : undefined;
    const common = {
        protect: false,
        volume: { sizeGiB: 1, type: "gp3", tags: { [runKey]: run } },
        persistentVolume: { labels: { [runKey]: run }, ...(csiDriver && { csiDriver }) },
    };
    const three = {
        ...common,
        count: 3,
        volume: { ...common.volume, type: "gp2" },
        deletionPolicy: "Delete",
        overrides: {
            ...(progress.grown && { "0": { sizeGiB: 2 } }),
            ...(progress.gp3 && { "1": { type: "gp3" } }),
        },
    };
    const claimed = {
        ...common,
        count: 1,
        deletionPolicy: "Retain",
        claims: { names: [claimName], namespace: nameOf(run), create: true },
        ...(progress.moved && {
            overrides: { "0": { moves: [{ from: "NewSnapshot", ...progress.moved }] } },
        }),
    };
    const last = { ...common, count: 1, deletionPolicy: "Snapshot" };
    const own = (setting: string) => `zonal-persistent-storage:${setting}`;
    return {
        "aws:region": region,
        // The provider asks, too.
        "aws:allowedAccountIds": [account],
        [own("context")]: context,
        [own("cluster")]: { name, ...(nodes && { nodes }) },
        [own("storages")]: {
            [names.deleted]: three,
            ...(progress.claimed && { [names.retained]: claimed, [names.snapshotted]: last }),
        },
    };
}
