import type { Options } from "./arguments";
import { nameOf, runKey } from "./runIds";

/** Progress of a run: each step adds a setting. */
export interface Progress {
    /** Whether the first of the three disks has grown from 1 to 2 GiB. */
    readonly grown?: boolean;
    /** Whether the second of them has type gp3. */
    readonly gp3?: boolean;
    /** Whether there are the disk with a claim and the disk with deletionPolicy Snapshot. */
    readonly claimed?: boolean;
    /** The move of the disk with the claim; without a zone it is restored in its own. */
    readonly moved?: { readonly zone?: string };
}

/** Name of the claim. */
export const claimName = "data";

/** Names of the storages of a run, by their deletion policies. */
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
    const programKey = (setting: string) => `zonal-persistent-storage:${setting}`;
    return {
        "aws:region": region,
        // A second check, by the provider.
        "aws:allowedAccountIds": [account],
        [programKey("context")]: context,
        [programKey("cluster")]: { name, ...(nodes && { nodes }) },
        [programKey("storages")]: {
            [names.deleted]: three,
            ...(progress.claimed && { [names.retained]: claimed, [names.snapshotted]: last }),
        },
    };
}
