import { Provider } from "@pulumi/kubernetes/provider";
import { secret } from "@pulumi/pulumi";
import type { ProviderResource } from "@pulumi/pulumi";
import type { ClusterAccess } from "./config";

/**
 * The providers for a cluster: one of its own where the config says how to reach it, otherwise none, and the
 * default provider goes by the machine's kubeconfig.
 */
export function clusterProviders(access: ClusterAccess | undefined): Record<string, ProviderResource> {
    if (!access) {
        return {};
    }
    const { identifier: clusterIdentifier, kubeconfig, context } = access;
    return {
        kubernetes: new Provider("cluster", {
            kubeconfig: kubeconfig === undefined ? undefined : secret(kubeconfig),
            context,
            // Otherwise a kubeconfig that is written anew may look like another cluster, and every object in it
            // would be replaced.
            clusterIdentifier,
            // Said outright, since the environment could say otherwise.
            deleteUnreachable: false,
        }),
    };
}
