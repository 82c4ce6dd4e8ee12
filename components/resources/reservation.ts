import { output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { claimNamespace } from "./manifests";
import type { Past } from "../history/past";
import type { Disk } from "../plan/disks";

/** Counts how often a PersistentVolume was made again for a claim that was taken away. */
const label = "zonal-persistent-storage/reservation";

/** A change of it replaces the PersistentVolume. */
export const reservationPath = `metadata.labels["${label}"]`;

/**
 * The label of a PersistentVolume whose claim, by the stack's state, is taken away or becomes another. Kubernetes would
 * keep the PersistentVolume for that very claim, and let any other wait for ever. Made again, it is free for the next
 * claim of the name that it is reserved for; the volume is what it was.
 *
 * @returns no label for a PersistentVolume that this has never happened to.
 */
export function reservationLabels(
    args: ZonalPersistentStorageArgs,
    { ordinal, claimName }: Disk,
    before: Output<Past>,
): Output<Record<string, string>> {
    return output(claimNamespace(args)).apply((namespace) =>
        before.apply(({ recorded }): Record<string, string> => {
            const { claim, persistentVolume } = recorded?.get(ordinal) ?? {};
            const last = persistentVolume?.labels?.[label];
            const stays = args.claims?.create && claim?.name === claimName && claim?.namespace === namespace;
            if (claim && !stays) {
                return { [label]: String(Number(last ?? 0) + 1) };
            }
            return last === undefined ? {} : { [label]: last };
        }),
    );
}
