import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { CoreV1Api, V1ManagedFieldsEntry, V1ObjectMeta } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

/** Fields of an object that somebody owns, as a tree: `f:metadata`, in it `f:annotations`, in it `f:team`. */
type OwnedFields = Readonly<Record<string, unknown>>;

/** Says what kubectl last applied; it is of no use once something else applies the object. */
const lastApplied = "f:kubectl.kubernetes.io/last-applied-configuration";

/**
 * Field managers whose fields become the Kubernetes provider's own at its first update (pulumi-kubernetes 4.34.2,
 * fixCSAFieldManagers, read on 2026-11-28). It then removes what the program doesn't have.
 */
function isTakenOver({ manager = "", operation }: V1ManagedFieldsEntry): boolean {
    return (
        /^(kubectl|before-first-apply)/.test(manager) ||
        (operation === "Update" && /^pulumi-(resource-)?kubernetes/.test(manager))
    );
}

/** The object's field managers, of which those no longer own annotations and finalizers. Nobody removes them then. */
export function withoutForeignFields({ managedFields = [] }: V1ObjectMeta): V1ManagedFieldsEntry[] {
    return managedFields.map((entry) => {
        const { "f:metadata": ofMetadata, ...others } = fieldsOf(entry.fieldsV1);
        if (!isTakenOver(entry) || ofMetadata === undefined) {
            return entry;
        }
        const { "f:annotations": annotations, "f:finalizers": _, ...owned } = fieldsOf(ofMetadata);
        const kept = lastApplied in fieldsOf(annotations) ? { "f:annotations": { [lastApplied]: {} } } : {};
        return { ...entry, fieldsV1: { ...others, "f:metadata": { ...owned, ...kept } } };
    });
}

/** Keeps the annotations and finalizers of a PersistentVolume that is to be adopted. It changes none. */
export async function keepForeignFields(core: CoreV1Api, name: string): Promise<void> {
    const { metadata = {} } = await core.readPersistentVolume({ name });
    const value = withoutForeignFields(metadata);
    if (!isDeepStrictEqual(value, metadata.managedFields ?? [])) {
        const body = [
            { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
            { op: "replace", path: "/metadata/managedFields", value },
        ];
        await core.patchPersistentVolume(
            { name, body },
            setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
        );
    }
}

function fieldsOf(value: unknown): OwnedFields {
    return typeof value === "object" && value !== null ? (value as OwnedFields) : {};
}
