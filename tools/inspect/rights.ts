import { ApiException } from "@kubernetes/client-node";

/**
 * Asks the cluster for something that needs a right of its own.
 *
 * @param right - The verb and the resource, as in `permissions/nodeRights.ts`: list nodes.
 * @throws Error that names the right if the kubeconfig's user doesn't have it.
 */
export async function withRight<T>(right: string, ask: () => Promise<T>): Promise<T> {
    try {
        return await ask();
    } catch (error) {
        if (error instanceof ApiException && error.code === 403) {
            throw new Error(`the kubeconfig's user may not ${right}: give it this right`);
        }
        throw error;
    }
}
