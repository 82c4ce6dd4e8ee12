import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { CoreV1Api, V1ObjectMeta } from "@kubernetes/client-node";

/** Owns what an adopted PersistentVolume has and its program doesn't. */
const fieldManager = "zonal-persistent-storage-adopt";

/** Says what kubectl last applied; it is of no use once something else applies the object. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Annotations and finalizers that an update would remove: the Kubernetes provider becomes the owner of all that kubectl
 * has written (pulumi-kubernetes 4.34.2, fixCSAFieldManagers, read on 2026-11-28), and applies no more than the program
 * has. Undefined where there are none.
 */
export function foreignFields({
    annotations = {},
    finalizers = [],
    managedFields = [],
}: V1ObjectMeta): Pick<V1ObjectMeta, "annotations" | "finalizers"> | undefined {
    const isByKubectl = managedFields.some(({ manager = "" }) =>
        /^(kubectl|before-first-apply)/.test(manager),
    );
    const { [lastApplied]: _, ...kept } = annotations;
    return isByKubectl && Object.keys(kept).length + finalizers.length > 0
        ? { annotations: kept, finalizers }
        : undefined;
}

/** Keeps them, by a second owner. It changes no value. */
export async function keepForeignFields(core: CoreV1Api, name: string): Promise<void> {
    const { metadata } = await core.readPersistentVolume({ name });
    const fields = foreignFields(metadata ?? {});
    if (fields) {
        const body = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name, ...fields } };
        await core.patchPersistentVolume(
            { name, body, fieldManager, force: true },
            setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
        );
    }
}
