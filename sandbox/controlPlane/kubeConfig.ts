import { KubeConfig } from "@kubernetes/client-node";

/** What clients of a sandbox's cluster are made from. */
export function kubeConfig({ kubeconfig }: { readonly kubeconfig: string }): KubeConfig {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return config;
}
