import { freeingOperations } from "../../components/engine/failureAdvice";
import { formerPolicyAnnotation } from "../inspect/persistentVolumes";
import type { ExistingDisk } from "./existingDisk";

/** Path of the annotation with the former reclaim policy in a JSON patch. */
export const formerPolicyPath = `/metadata/annotations/${formerPolicyAnnotation.replaceAll("/", "~1")}`;

/** An operation of a JSON patch (RFC 6902). */
export interface PatchOperation {
    readonly op: "test" | "add" | "replace" | "remove";
    readonly path: string;
    readonly value?: string | object;
}

/**
 * A patch for a PersistentVolume before it is adopted, if it is on its volume still: nobody who deletes the claim may
 * delete the volume with it, and one that is Released becomes Available, for a claim of the same name. Pulumi's Kubernetes
 * provider waits until it is Available or Bound. `release` can give the former reclaim policy back.
 *
 * @returns no operations if it is right as it is.
 */
export function patchOf({
    volumeId,
    reclaimPolicy,
    hasAnnotations,
    isReleased,
}: ExistingDisk): PatchOperation[] {
    const operations: PatchOperation[] = [
        ...(reclaimPolicy === "Retain"
            ? []
            : [
                  ...(hasAnnotations
                      ? []
                      : [{ op: "add" as const, path: "/metadata/annotations", value: {} }]),
                  { op: "add" as const, path: formerPolicyPath, value: reclaimPolicy },
                  { op: "replace" as const, path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" },
              ]),
        ...(isReleased ? freeingOperations("Released") : []),
    ];
    return operations.length === 0
        ? []
        : [{ op: "test", path: "/spec/csi/volumeHandle", value: volumeId }, ...operations];
}
