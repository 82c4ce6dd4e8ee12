import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { project } from "../cluster/sandbox";

const host = "git.example.com";

/** A git host that only programs with its environment can reach. */
export interface GitHost {
    /** Address of this checkout's last commit, as a tag of a repository on the host. */
    readonly address: string;
    /** Variables with a proxy to the host and its certificate. */
    readonly environment: NodeJS.ProcessEnv;
    stop(): void;
}

/** Publishes this checkout's last commit under a tag. */
export async function startGitHost(directory: string, tag: string): Promise<GitHost> {
    const repository = join(directory, "acme", "zonal-persistent-storage.git");
    await mkdir(directory, { recursive: true });
    execFileSync("git", ["clone", "--quiet", "--bare", project, repository]);
    execFileSync("git", ["tag", "--force", tag], { cwd: repository });
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
    const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...subject, ...made], { stdio: "ignore" });

    const server = createSecureServer(
        { key: readFileSync(key), cert: readFileSync(cert) },
        (request, response) => void answer(directory, request, response),
    );
    const port = await listen(server);
    const proxy = createServer().on("connect", (request: IncomingMessage, client, head: Buffer) => {
        const [name = "", wanted] = (request.url ?? "").split(":");
        const upstream = name === host ? connect(port, "127.0.0.1") : connect(Number(wanted), name);
        upstream.on("connect", () => {
            client.write("HTTP/1.1 200 Connection established\r\n\r\n");
            upstream.write(head);
            upstream.pipe(client).pipe(upstream);
        });
        upstream.on("error", () => client.destroy());
        client.on("error", () => upstream.destroy());
    });
    const proxyPort = await listen(proxy);
    return {
        address: `https://${host}/acme/zonal-persistent-storage@${tag}`,
        environment: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, SSL_CERT_FILE: cert },
        stop: () => [server, proxy].forEach((one) => one.close()),
    };
}

/** Git's own server, which speaks CGI. */
async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", `https://${host}`);
    const backend = spawn("git", ["http-backend"], {
        env: {
            PATH: process.env.PATH,
            GIT_PROJECT_ROOT: root,
            GIT_HTTP_EXPORT_ALL: "1",
            REQUEST_METHOD: request.method,
            PATH_INFO: pathname,
            QUERY_STRING: search.slice(1),
            CONTENT_TYPE: request.headers["content-type"],
            HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
            GIT_PROTOCOL: request.headers["git-protocol"]?.toString(),
        },
        stdio: ["pipe", "pipe", "inherit"],
    });
    request.pipe(backend.stdin);
    const printed = await buffer(backend.stdout);
    const end = printed.indexOf("\r\n\r\n");
    const headers = printed.subarray(0, end).toString().split("\r\n");
    for (const header of headers) {
        const [name = "", value = ""] = header.split(": ");
        if (name === "Status") {
            response.statusCode = Number.parseInt(value);
        } else {
            response.setHeader(name, value);
        }
    }
    response.end(printed.subarray(end + 4));
}

async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
}
