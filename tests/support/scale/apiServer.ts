import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, gzipSync } from "node:zlib";
import { kubeconfigOf } from "../cluster/recordRequests";
import { objectAt } from "./contents";
import type { Amounts } from "./contents";

/** An API server with lists only, which answers in pages as the real one does. */
export interface ListServer {
    /** As JSON, which is YAML. */
    readonly kubeconfig: string;
    /** Paths with queries, in order. */
    readonly requests: readonly string[];
    /** Bytes of all lists, before compression. */
    readonly sent: () => number;
    stop(): void;
}

const kinds: Readonly<Record<string, string>> = {
    "/api/v1/nodes": "NodeList",
    "/api/v1/pods": "PodList",
    "/api/v1/persistentvolumes": "PersistentVolumeList",
    "/api/v1/persistentvolumeclaims": "PersistentVolumeClaimList",
    "/apis/storage.k8s.io/v1/csinodes": "CSINodeList",
    "/apis/storage.k8s.io/v1/volumeattachments": "VolumeAttachmentList",
};

/** A token of the real one: JSON with the key that comes next. */
interface Continue {
    readonly v: string;
    readonly rv: number;
    readonly start: string;
}

/**
 * Starts the server.
 *
 * @param expires - Says of each request with a token whether the token is too old.
 */
export async function startListServer(
    amounts: Amounts,
    expires: (request: number) => boolean = () => false,
): Promise<ListServer> {
    const requests: string[] = [];
    let sent = 0;
    const server = createServer(({ method, url = "", headers }, response) => {
        requests.push(url);
        const { pathname, searchParams } = new URL(url, "http://server");
        const kind = kinds[pathname];
        if (method !== "GET" || kind === undefined) {
            refuse(response, 404, "NotFound", "the server could not find the requested resource");
            return;
        }
        if (!/json|\*\/\*/.test(headers.accept ?? "*/*")) {
            refuse(
                response,
                406,
                "NotAcceptable",
                "only the following media types are accepted: application/json",
            );
            return;
        }
        const [limit, token] = [searchParams.get("limit"), searchParams.get("continue")];
        if (limit !== null && !/^\d+$/.test(limit)) {
            refuse(response, 400, "BadRequest", `strconv.ParseInt: parsing "${limit}": invalid syntax`);
            return;
        }
        if (token !== null && searchParams.has("resourceVersion")) {
            refuse(
                response,
                400,
                "BadRequest",
                "specifying resource version is not allowed when using continue",
            );
            return;
        }
        const start = token === null ? 0 : startOf(token);
        if (start === undefined) {
            refuse(response, 400, "BadRequest", "continue key is not valid");
            return;
        }
        if (token !== null && expires(requests.length)) {
            const message = "The provided continue parameter is too old to display a consistent list result";
            refuse(response, 410, "Expired", message, { continue: token });
            return;
        }
        const total = amountOf(pathname, amounts);
        const end = Math.min(total, limit === null || limit === "0" ? total : start + Number(limit));
        const items = Array.from({ length: end - start }, (_, index) =>
            JSON.stringify(objectAt(pathname, start + index, amounts)),
        );
        const metadata = {
            resourceVersion: "2000000",
            ...(end < total && { continue: tokenOf(end), remainingItemCount: total - end }),
        };
        const body = `{"kind":"${kind}","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[${items.join(",")}]}`;
        sent += body.length;
        answer(response, 200, body, /gzip/.test(String(headers["accept-encoding"])));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
        kubeconfig: kubeconfigOf(`http://127.0.0.1:${port}`),
        requests,
        sent: () => sent,
        stop: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}

function amountOf(path: string, { nodes, pods, disks }: Amounts): number {
    return /nodes$/.test(path) ? nodes : path === "/api/v1/pods" ? pods : disks;
}

function tokenOf(start: number): string {
    const token: Continue = { v: "meta.k8s.io/v1", rv: 2_000_000, start: `${start}\u0000` };
    return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function startOf(token: string): number | undefined {
    try {
        const { v, start } = JSON.parse(Buffer.from(token, "base64url").toString()) as Continue;
        return v === "meta.k8s.io/v1" ? Number.parseInt(start, 10) : undefined;
    } catch {
        return undefined;
    }
}

function refuse(
    response: ServerResponse,
    code: number,
    reason: string,
    message: string,
    metadata: object = {},
): void {
    const status = {
        kind: "Status",
        apiVersion: "v1",
        metadata,
        status: "Failure",
        message,
        reason,
        code,
    };
    answer(response, code, JSON.stringify(status), false);
}

/** Answers of more than 128 KiB are compressed, at level 1, for a client that takes that. */
function answer(response: ServerResponse, code: number, body: string, takesGzip: boolean): void {
    const isCompressed = takesGzip && body.length > 128 * 1024;
    response.writeHead(code, {
        "Content-Type": "application/json",
        ...(isCompressed && { "Content-Encoding": "gzip" }),
    });
    response.end(isCompressed ? gzipSync(body, { level: constants.Z_BEST_SPEED }) : body);
}
