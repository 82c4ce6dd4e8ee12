import * as core from "@pulumi/kubernetes/core/v1";
import type { Output, Resource } from "@pulumi/pulumi";
import { zoneLabelOf } from "../history/recordedZoneLabel";
import type { Past } from "../history/past";
import type { Disk } from "../plan/disks";
import { isManagedByCluster } from "../plan/volumeSettings";
import { claimManifest, persistentVolumeManifest } from "./manifests";
import type { Volume } from "./manifests";
import { reservation, reservationPath } from "./claimReservation";
import { objectOptions } from "./storageContext";
import type { StorageContext } from "./storageContext";

/** A PersistentVolume or a claim that something still uses blocks its deletion: say so soon, not after ten minutes. */
const deleteTimeout = "90s";

/** A capacity raised together with the claim's request keeps the file system from growing. */
const changedByOthers = ["spec.capacity"];

/** Fields of a PersistentVolume that stay as others made them: Kubernetes, the claim and the pods go by them. */
const madeByOthers = [
    "csi",
    "nodeAffinity",
    "claimRef",
    "volumeMode",
    "accessModes",
    "mountOptions",
    "storageClassName",
].map((field) => `spec.${field}`);

/** The PersistentVolume of a disk and, where it is the stack's own, its claim: destroy goes the other way round. */
export function createPersistentVolume(
    storage: StorageContext,
    className: Output<string>,
    disk: Disk,
    volume: Volume,
    past: Output<Past>,
    dependsOn: Resource,
): void {
    const { args } = storage;
    const opts = objectOptions(storage, disk.logicalName);
    const persistentVolume = new core.PersistentVolume(
        disk.logicalName,
        persistentVolumeManifest(
            args,
            className,
            disk,
            volume,
            reservation(args, disk, past),
            zoneLabelOf(args.persistentVolume, past),
        ),
        {
            ...opts,
            customTimeouts: { delete: deleteTimeout },
            dependsOn: [dependsOn, volume.checked.apply(() => dependsOn)],
            ignoreChanges: disk.isAdopted ? [...changedByOthers, ...madeByOthers] : changedByOthers,
            // Kubernetes takes no other node affinity for a PersistentVolume that exists.
            replaceOnChanges: [reservationPath, "spec.nodeAffinity"],
        },
    );
    if (args.claims?.create) {
        new core.PersistentVolumeClaim(
            disk.logicalName,
            claimManifest(args, className, disk, volume, persistentVolume),
            // It is bound at once, or never.
            {
                ...opts,
                customTimeouts: { create: "60s", delete: deleteTimeout },
                ignoreChanges: isManagedByCluster(args, "size") ? ["spec.resources"] : undefined,
                dependsOn: persistentVolume,
            },
        );
    }
}
