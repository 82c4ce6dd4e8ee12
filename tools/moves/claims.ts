import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clients } from "../inspect/clients";
import { messageOf, undefinedIfNotFound } from "../inspect/errors";

/** A claim that is deleted for a move, and created again for the same PersistentVolume. */
export interface RecordedClaim {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly manifest: V1PersistentVolumeClaim;
}

/** Annotations of the controllers about the binding that ends. */
const bindingAnnotations =
    /^(pv\.kubernetes\.io\/|volume\.(beta\.)?kubernetes\.io\/(storage-provisioner|selected-node|storage-resizer))/;

/** Reads claims, as they are to be created again. Claims that don't exist are left out. */
export async function readClaims(clients: Clients, names: readonly string[]): Promise<RecordedClaim[]> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    const claims: RecordedClaim[] = [];
    for (const one of names) {
        const [namespace = "", name = ""] = one.split("/");
        const claim = await undefinedIfNotFound(
            core.readNamespacedPersistentVolumeClaim({ namespace, name }),
        );
        if (claim) {
            claims.push({ namespace, name, uid: claim.metadata?.uid ?? "", manifest: manifestOf(claim) });
        }
    }
    return claims;
}

function manifestOf({ metadata, spec }: V1PersistentVolumeClaim): V1PersistentVolumeClaim {
    const { namespace, name, labels, annotations = {}, ownerReferences } = metadata ?? {};
    const kept = Object.entries(annotations).filter(([key]) => !bindingAnnotations.test(key));
    return {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { namespace, name, labels, annotations: Object.fromEntries(kept), ownerReferences },
        spec,
    };
}

/** Deletes claims, those of these uids, and waits until they are gone. */
export async function deleteClaims(
    clients: Clients,
    claims: readonly RecordedClaim[],
    seconds: number,
): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    const uidOf = async ({ namespace, name }: RecordedClaim) => {
        const claim = await undefinedIfNotFound(
            core.readNamespacedPersistentVolumeClaim({ namespace, name }),
        );
        return claim?.metadata?.uid;
    };
    for (const claim of claims) {
        const { namespace, name, uid } = claim;
        if ((await uidOf(claim)) === uid) {
            const body = { preconditions: { uid } };
            await undefinedIfNotFound(core.deleteNamespacedPersistentVolumeClaim({ namespace, name, body }));
        }
    }
    const deadline = Date.now() + seconds * 1000;
    for (const claim of claims) {
        while ((await uidOf(claim)) === claim.uid) {
            if (Date.now() > deadline) {
                throw new Error(
                    `claim ${claim.namespace}/${claim.name} is deleted, but still there after ${seconds} s: a pod uses it, or a finalizer keeps it (kubectl describe pvc ${claim.name} --namespace ${claim.namespace})`,
                );
            }
            await sleep(500);
        }
    }
}

/** Creates claims again. Those that exist, such as a StatefulSet's, stay as they are. */
export async function createClaims(clients: Clients, claims: readonly RecordedClaim[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    for (const { namespace, name, manifest } of claims) {
        await core
            .createNamespacedPersistentVolumeClaim({ namespace, body: manifest })
            .catch((error: unknown) => {
                if (!(error instanceof ApiException) || error.code !== 409) {
                    throw new Error(`could not create claim ${namespace}/${name}: ${messageOf(error)}`);
                }
            });
    }
}
