import type { AuthorizationV1Api } from "@kubernetes/client-node";
import { refuse } from "../terminal/confirm";

/**
 * Asks the API server whether the user may change PersistentVolumes: the preview doesn't tell, and the update would fail
 * after the import.
 *
 * @throws Error if not. Where the API server doesn't answer this, the update will tell.
 */
export async function checkRights(
    api: Pick<AuthorizationV1Api, "createSelfSubjectAccessReview">,
): Promise<void> {
    const resourceAttributes = { resource: "persistentvolumes", verb: "patch" };
    const review = await api
        .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })
        .catch(() => undefined);
    refuse(
        review?.status?.allowed === false
            ? "nothing was done: the kubeconfig's user can't patch persistentvolumes; docs/permissions.md has the rights that adopt needs"
            : undefined,
    );
}
