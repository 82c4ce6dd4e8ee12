import { output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { claimNamespace } from "./manifests";
import type { Past } from "../history/past";
import type { Disk } from "../plan/disks";
import type { RecordedClaim, RecordedDisk } from "../history/recordedDisks";

/** Counts how often a PersistentVolume was made again since its claim was taken away. */
export const reservationLabel = "zonal-persistent-storage/reservation";

/** A change of the label replaces the PersistentVolume. */
export const reservationPath = `metadata.labels["${reservationLabel}"]`;

/**
 * The label of a PersistentVolume whose claim, by the stack's state, is taken away or becomes another. Kubernetes would
 * keep the PersistentVolume for that very claim, and let any other wait for ever. Made again, it is free for the next
 * claim that it is reserved for; the volume is what it was.
 *
 * @param claim - The claim that the stack is to create; undefined for none.
 * @returns none for a PersistentVolume to which this has never happened.
 */
export function reservationLabels(
    { claim: recorded, persistentVolume }: Partial<RecordedDisk>,
    claim: RecordedClaim | undefined,
): Record<string, string> {
    const last = persistentVolume?.labels?.[reservationLabel];
    const stays = claim?.name === recorded?.name && claim?.namespace === recorded?.namespace;
    if (recorded && !stays) {
        return { [reservationLabel]: String(Number(last ?? 0) + 1) };
    }
    return last === undefined ? {} : { [reservationLabel]: last };
}

/** The same by a component's args and its past. */
export function reservation(
    args: ZonalPersistentStorageArgs,
    { ordinal, claimName: name }: Disk,
    before: Output<Past>,
): Output<Record<string, string>> {
    const labels = (namespace: string | undefined) =>
        before.apply(({ recorded }) =>
            reservationLabels(
                recorded?.get(ordinal) ?? {},
                args.claims?.create ? { name, namespace } : undefined,
            ),
        );
    const namespace = claimNamespace(args);
    return typeof namespace === "string" ? labels(namespace) : output(namespace).apply(labels);
}
