import * as core from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import type { Output, Resource } from "@pulumi/pulumi";
import { zoneLabelOf } from "../history/recordedZoneLabel";
import type { Past } from "../history/past";
import { dynamicStorageClassManifest, storageClassManifest } from "./manifests";
import { objectOptions } from "./storageContext";
import type { StorageContext } from "./storageContext";

/** The first resource to need the cluster, before any volume is created: the class, if it is the storage's own. */
export function createClass(storage: StorageContext, className: Output<string>): Resource {
    const { name, args, component } = storage;
    if (args.storageClass?.create === false) {
        // Another storage of the same update may be about to create the class; this namespace is always there.
        return core.Namespace.get(`${name}-cluster`, "default", { parent: component });
    }
    return new StorageClass(name, storageClassManifest(args, className), objectOptions(storage, name));
}

/** The class for disks that Kubernetes creates, where one is asked for. */
export function createDynamicClass(
    storage: StorageContext,
    zones: Output<string[]>,
    past: Output<Past>,
    dependsOn: Resource,
): void {
    const { args } = storage;
    const logicalName = `${storage.name}-dynamic`;
    if (args.dynamicStorageClass) {
        const zoneKey = zoneLabelOf(args.persistentVolume, past);
        new StorageClass(
            logicalName,
            dynamicStorageClassManifest(args, args.dynamicStorageClass, zones, zoneKey),
            {
                ...objectOptions(storage, logicalName),
                dependsOn,
            },
        );
    }
}
