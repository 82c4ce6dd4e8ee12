import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { printable } from "../../components/validation/problems";
import { messageOf } from "./errors";

/** Where a pod finds its cluster: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/. */
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * The kubeconfig that kubectl would use. Of several files in KUBECONFIG those that exist are merged, as kubectl does.
 *
 * @param wanted - Name of the context; undefined for the current one.
 * @throws Error that says which file was looked for, or which contexts there are.
 */
export function readKubeConfig({ KUBECONFIG }: Readonly<NodeJS.ProcessEnv>, wanted?: string): KubeConfig {
    const named = (KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
    const files = named.length > 0 ? named : [join(homedir(), ".kube", "config")];
    const existing = files.filter((file) => existsSync(file));
    const config = new KubeConfig();
    if (existing.length > 0) {
        // The first current context counts.
        existing.forEach((file) => config.mergeConfig(read(file), Boolean(config.getCurrentContext())));
    } else if (named.length === 0 && existsSync(serviceAccount)) {
        config.loadFromCluster();
    } else {
        throw new Error(
            named.length > 0
                ? `KUBECONFIG must name a file that exists, got "${printable(named.join(delimiter))}"`
                : `there is no kubeconfig: ${printable(files.join())} isn't there; set KUBECONFIG to the file that kubectl uses`,
        );
    }
    return inContext(config, wanted, files);
}

function read(file: string): KubeConfig {
    const config = new KubeConfig();
    try {
        config.loadFromFile(file);
        return config;
    } catch (error) {
        throw new Error(`could not read the kubeconfig ${printable(file)}: ${messageOf(error)}`);
    }
}

function inContext(config: KubeConfig, wanted: string | undefined, files: readonly string[]): KubeConfig {
    const contexts = config.getContexts().map(({ name }) => name);
    const known = contexts.map(printable).join(", ") || "none";
    const context = wanted ?? config.getCurrentContext();
    if (!contexts.includes(context)) {
        throw new Error(
            wanted === undefined
                ? `the kubeconfig ${printable(files.join(delimiter))} has no current context: give --context, one of its contexts (${known})`
                : `--context must be a context of the kubeconfig ${printable(files.join(delimiter))} (${known}), got "${printable(wanted)}"`,
        );
    }
    config.setCurrentContext(context);
    return config;
}
