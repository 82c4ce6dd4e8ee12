import { createServer, request as httpRequest } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { kubeConfig } from "./controlPlane/kubeConfig";
import type { Servers } from "./servers";

/** An answer in the place of the server's own. */
export interface Answer {
    readonly status: number;
    readonly body: string;
    readonly headers?: OutgoingHttpHeaders;
    /** Whether the server does what it is asked for all the same. Defaults to false: it never hears of it. */
    readonly isDone?: boolean;
}

/** The fault of a request. */
export type Fault =
    | Answer
    /** It is never answered. */
    | "hang"
    /** The connection is cut before the server receives the request. */
    | "cut before"
    /** The server executes the request, and the answer is lost. */
    | "cut after";

/** Properties of a request by which faults are chosen. */
export interface Request {
    readonly method: string;
    /** With the query. */
    readonly path: string;
    readonly body: string;
    /** The header; empty if it has none. */
    readonly authorization: string;
}

/** Requests that a fault applies to. */
export interface Target {
    /** Number of requests. Defaults to all until `heal`. */
    readonly times?: number;
    /** Defaults to any. */
    readonly matching?: (request: Request) => boolean;
}

/** A proxy between a client and a server that makes requests fail. */
export class FaultProxy {
    private readonly server = createServer((incoming, answer) => {
        this.handle(incoming, answer).catch(() => incoming.socket.destroy());
    });
    private planned: { fault: Fault; left: number; matching: (request: Request) => boolean }[] = [];
    /** Number of requests that had a planned fault. */
    public faultCount = 0;
    /** Decides on requests without a planned fault. */
    public judge: (request: Request) => Promise<Fault | undefined> = () => Promise.resolve(undefined);

    /**
     * @param target - Base address of the server.
     * @param ca - Certificate authority of an https server.
     * @param headers - Headers added to every request.
     */
    public constructor(
        private readonly target: string,
        private readonly ca?: string,
        private readonly headers: OutgoingHttpHeaders = {},
    ) {}

    /** @returns the proxy's address. */
    public async listen(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Plans a fault. Faults apply in the order of planning. */
    public fail(fault: Fault, { times = Infinity, matching = () => true }: Target = {}): void {
        this.planned.push({ fault, left: times, matching });
    }

    /** Ends all faults, and cuts hanging connections. */
    public heal(): void {
        this.planned = [];
        this.server.closeAllConnections();
    }

    /** Stops listening. */
    public close(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    private async handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
        const body = await bodyOf(incoming);
        const { method = "GET", url: path = "/" } = incoming;
        const { authorization = "" } = incoming.headers;
        const request = { method, path, body: body.toString(), authorization };
        const fault = this.next(request) ?? (await this.judge(request));
        if (fault === "hang") {
            return;
        }
        if (fault === "cut before") {
            incoming.socket.destroy();
            return;
        }
        if (typeof fault === "object") {
            if (fault.isDone) {
                await bodyOf(await this.forward(incoming, body));
            }
            answer.writeHead(fault.status, fault.headers).end(fault.body);
            return;
        }
        const response = await this.forward(incoming, body);
        if (fault === "cut after") {
            await bodyOf(response);
            incoming.socket.destroy();
            return;
        }
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
        answer.on("close", () => response.destroy());
    }

    private next(request: Request): Fault | undefined {
        const plan = this.planned.find(({ left, matching }) => left > 0 && matching(request));
        if (plan) {
            plan.left--;
            this.faultCount++;
        }
        return plan?.fault;
    }

    private forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
        const send = this.ca === undefined ? httpRequest : httpsRequest;
        const own = { ...headers, ...this.headers, host: new URL(this.target).host };
        return new Promise((resolve, reject) =>
            send(`${this.target}${url}`, { method, headers: own, ca: this.ca }, resolve)
                .on("error", reject)
                .end(body),
        );
    }
}

/** The same servers, each behind a proxy. */
export interface FaultyServers {
    readonly servers: Servers;
    readonly ec2: FaultProxy;
    readonly kubernetes: FaultProxy;
    close(): void;
}

/**
 * Puts proxies before the servers of a sandbox.
 *
 * @param directory - Where the proxied cluster's kubeconfig is written.
 */
export async function faultyServers(servers: Servers, directory: string): Promise<FaultyServers> {
    const config = kubeConfig(servers);
    const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
    const ca = Buffer.from(cluster?.caData ?? "", "base64").toString();
    const ec2 = new FaultProxy(servers.ec2Endpoint);
    // Clients send no token without TLS.
    const kubernetes = new FaultProxy(cluster?.server ?? "", ca, { authorization: `Bearer ${user?.token}` });
    const [ec2Endpoint, server] = await Promise.all([ec2.listen(), kubernetes.listen()]);

    const kubeconfig = join(directory, "kubeconfig.faulty");
    const settings = parse(await readFile(servers.kubeconfig, "utf8")) as { clusters: object[] };
    const clusters = [{ name: "sandbox", cluster: { server, "insecure-skip-tls-verify": true } }];
    await writeFile(kubeconfig, stringify({ ...settings, clusters }), { mode: 0o600 });
    const environment = { ...servers.environment, AWS_ENDPOINT_URL: ec2Endpoint, KUBECONFIG: kubeconfig };
    return {
        servers: { ...servers, ec2Endpoint, kubeconfig, environment },
        ec2,
        kubernetes,
        close: () => [ec2, kubernetes].forEach((proxy) => proxy.close()),
    };
}

/** An error as EC2 answers it. */
export function ec2Error(status: number, code: string): Answer {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>${code}</Code><Message>${code} by the sandbox</Message></Error></Errors><RequestID>0</RequestID></Response>`;
    return { status, body, headers: { "content-type": "text/xml" } };
}

/** An error as Data Lifecycle Manager answers it. */
export function lifecycleError(status: number, code: string): Answer {
    const body = JSON.stringify({ Code: code, Message: `${code} by the sandbox` });
    return { status, body, headers: { "content-type": "application/json", "x-amzn-ErrorType": code } };
}

/** An error as an API server answers it. */
export function kubernetesError(status: number, reason: string): Answer {
    const body = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason,
        code: status,
        message: reason,
    };
    const headers = { "content-type": "application/json", ...(status === 429 && { "retry-after": "1" }) };
    return { status, body: JSON.stringify(body), headers };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
}
