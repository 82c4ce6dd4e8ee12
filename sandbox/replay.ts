import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Servers } from "./servers";

/** Servers behind an EC2 proxy that repeats earlier answers at once. */
export interface Replay {
    readonly servers: Servers;
    /** Calls since the last time, as actions; further pages of an answer are "<action> page". */
    takeCalls(): string[];
    stop(): Promise<void>;
}

/**
 * moto takes seconds for answers that EC2 gives in less than one: 1.4 s for 833 instances. Repeated queries get the
 * recorded bytes, so that measurements leave out moto.
 */
export async function startReplay(servers: Servers): Promise<Replay> {
    const answers = new Map<string, { status: number; body: Buffer }>();
    let calls: string[] = [];
    const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const body = Buffer.concat(chunks).toString();
            const parameters = new URLSearchParams(body);
            const action = parameters.get("Action") ?? "";
            calls.push(parameters.has("NextToken") ? `${action} page` : action);
            const isQuery = action === "DescribeInstances" || action === "DescribeAvailabilityZones";
            const known = isQuery ? answers.get(body) : undefined;
            const answered = known
                ? Promise.resolve(known)
                : forward(servers.ec2Endpoint, request.headers, body);
            void answered.then((answer) => {
                answers.set(body, answer);
                response.writeHead(answer.status, { "content-type": "text/xml" }).end(answer.body);
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const ec2Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
        servers: { ...servers, ec2Endpoint },
        takeCalls: () => {
            const taken = calls;
            calls = [];
            return taken;
        },
        stop: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

async function forward(
    endpoint: string,
    { authorization = "", "content-type": type = "" }: NodeJS.Dict<string | string[]>,
    body: string,
): Promise<{ status: number; body: Buffer }> {
    const headers = { authorization: String(authorization), "content-type": String(type) };
    const response = await fetch(endpoint, { method: "POST", headers, body });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}
