import { all, output } from "@pulumi/pulumi";
import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import { userError } from "../validation/problems";
import { queryWithStatus } from "./awsQueries";
import { queryNewestSnapshot, querySnapshot } from "./snapshotQueries";

/** A volume that a disk is moved from. */
export interface Source {
    readonly id: Output<string>;
    readonly region: Input<string> | undefined;
}

/**
 * The newest complete snapshot of a volume; empty if there is none, which only matters before the volume that
 * comes from it is created.
 */
export function newestSnapshot({ id, region }: Source, opts: InvokeOptions): Output<string> {
    return all([id, output(region)]).apply(
        async ([volumeId, where]) => (await queryNewestSnapshot(volumeId, where, opts))?.snapshotId ?? "",
    );
}

/**
 * A volume that nobody writes to.
 *
 * @param property - The move, among the args.
 * @throws RunError, in the output, if it is attached to an instance.
 */
export function detached({ id, region }: Source, property: string, opts: InvokeOptions): Output<string> {
    return all([id, output(region)]).apply(async ([volumeId, where]) => {
        if ((await queryWithStatus([volumeId], "in-use", where, opts)).length > 0) {
            throw userError("a disk can't be moved while it is in use", [
                `${property}.from must not be NewSnapshot while volume ${volumeId} is attached: what is written after ` +
                    "the snapshot would be missed. End the pods that use the disk first",
            ]);
        }
        return volumeId;
    });
}

/** Size in GiB of a new volume whose snapshot may be of one that the cluster has made larger: EC2 makes no smaller one. */
export function sizeWith(
    snapshotId: Input<string | undefined>,
    sizeGiB: Input<number>,
    region: Input<string> | undefined,
    opts: InvokeOptions,
): Output<number> {
    return all([snapshotId, sizeGiB, region]).apply(async ([id, size, where]) =>
        id ? Math.max(size, (await querySnapshot(id, where, opts))?.volumeSize ?? 0) : size,
    );
}
