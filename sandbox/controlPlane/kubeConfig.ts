import { KubeConfig } from "@kubernetes/client-node";

/** The kubeconfig for clients of a sandbox's cluster. */
export function kubeConfig({ kubeconfig }: { readonly kubeconfig: string }): KubeConfig {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return config;
}
