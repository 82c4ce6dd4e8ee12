import type { KubeConfig } from "@kubernetes/client-node";
import { once } from "node:events";
import { createServer } from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";

/** A kubeconfig for the same cluster through a proxy that records requests. */
export interface RecordedCluster {
    /** As JSON, which is YAML. */
    readonly kubeconfig: string;
    /** Method and path of every request so far. */
    readonly requests: readonly string[];
    stop(): void;
}

/** Starts a proxy before a cluster's API. */
export async function recordRequests(config: KubeConfig): Promise<RecordedCluster> {
    const requests: string[] = [];
    const server = createServer((request, response) => {
        const { method = "", url = "" } = request;
        requests.push(`${method} ${url}`);
        const forward = async () => {
            const options: https.RequestOptions = { method };
            await config.applyToHTTPSOptions(options);
            const target = new URL(url, config.getCurrentCluster()?.server);
            const forwarded = https.request(target, options, (answer) => {
                response.writeHead(answer.statusCode ?? 500, answer.headers);
                answer.pipe(response);
            });
            request.pipe(forwarded);
        };
        forward().catch((error: unknown) => response.writeHead(502).end(String(error)));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`), requests, stop: () => server.close() };
}

/** A kubeconfig without credentials for a server. */
export function kubeconfigOf(server: string): string {
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
        users: [{ name: "u", user: {} }],
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        "current-context": "c",
    });
}
