import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { proxyVariables, withoutProxies, withoutProxiesInShell } from "../../sandbox/proxies";
import { Checkout } from "../support/cli/checkout";
import { firstStart } from "../support/cluster/sandbox";

const hosts = "127.0.0.1,localhost";

/** Lines that make every program use a proxy, as far as it has one of these variables. */
const useProxy = (address: string) =>
    [
        ...[
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
            "grpc_proxy",
        ].map((name) => `export ${name}=${address}`),
        // Node.js 20 doesn't know this one.
        "export NODE_USE_ENV_PROXY=1",
        ...proxyVariables.map((name) => `export ${name}=.example.com`),
    ].join("\n");

/** Programs that ask the sandbox's EC2, by the variables that they read. */
const programs = [
    `node --eval 'fetch(process.env.AWS_ENDPOINT_URL + "/moto-api/").then((answer) => process.exit(answer.ok ? 0 : 1))'`,
    `python3 -c 'import os, urllib.request; urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/moto-api/")'`,
    `if command -v curl; then curl --fail --silent --output /dev/null "$AWS_ENDPOINT_URL/moto-api/"; fi`,
    `if command -v kubectl; then kubectl get nodes; fi`,
];

describe("the sandbox with proxies", function () {
    this.timeout(120_000);

    let proxy: Server;
    let checkout: Checkout;
    /** Requests that have come to the proxy. */
    const requests: string[] = [];

    before(async function () {
        this.timeout(firstStart);
        proxy = createServer((request, response) => {
            requests.push(request.url ?? "");
            response.writeHead(502).end();
        }).listen(0, "127.0.0.1");
        proxy.on("connect", ({ url }: { url?: string }, socket: Socket) => {
            requests.push(url ?? "");
            socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
        });
        await once(proxy, "listening");
        checkout = Checkout.copy();
        await checkout.run(useProxy(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`));
    });
    after(async () => {
        await checkout.end();
        proxy.close();
        proxy.closeAllConnections();
    });
    // The CLI asks other hosts for plugins.
    const isLocal = (request: string) => /^(http:\/\/)?(127\.|localhost)/.test(request);
    afterEach(() => assert.deepEqual(requests.splice(0).filter(isLocal), []));

    it("does the whole job", async () => {
        assert.match(
            await checkout.run("npm run sandbox"),
            /\nevery disk is Available, in the zone of its volume\n$/,
        );
    });

    it("starts, refuses a second start, and its variables keep other programs from the proxy", async () => {
        await checkout.run("npm run sandbox:start");
        const again = await checkout.run("npm run sandbox:start || echo status $?");
        assert.match(again, /^the sandbox is already running: .*$[^]*^status 1$/m);
        await checkout.run("source .sandbox/env");
        for (const program of programs) {
            await checkout.run(program);
        }
    });

    it("is what the doctor and the map see", async () => {
        await checkout.run('export PULUMI_BACKEND_URL="file://$PWD/.sandbox"');
        const doctor = await checkout.run("npm run doctor -- --json 2> /dev/null || test $? = 2");
        const { notLookedAt } = JSON.parse(doctor.slice(doctor.indexOf("{"))) as { notLookedAt: string[] };
        assert.deepEqual(notLookedAt, ["the stack's state", "leftover volumes"]);
        const map = await checkout.run("npm run map -- --json 2> /dev/null");
        const { sources } = JSON.parse(map.slice(map.indexOf("{"))) as { sources: Record<string, boolean> };
        assert.deepEqual([sources.cluster, sources.nodes, sources.ec2], [true, true, true]);
    });
});

describe("variables for hosts without a proxy", () => {
    const environments: Record<string, string>[] = [
        {},
        { NO_PROXY: ".example.com" },
        { no_proxy: ".example.com" },
        { NO_PROXY: "a.example.com", no_proxy: "b.example.com", no_grpc_proxy: "c.example.com" },
    ];
    environments.forEach((given) =>
        it(`are the same in a shell and in a program: ${JSON.stringify(given)}`, () => {
            const print = proxyVariables.map((name) => `echo "$${name}"`).join("\n");
            const script = `set -eu\n${withoutProxiesInShell}${print}`;
            const printed = execFileSync("bash", ["--norc", "-c", script], { env: given, encoding: "utf8" });
            const { NO_PROXY, no_proxy, no_grpc_proxy = "" } = withoutProxies(given);
            assert.deepEqual(printed.split("\n").slice(0, 3), [NO_PROXY, no_proxy, no_grpc_proxy]);
            assert.ok([NO_PROXY, no_proxy].every((value) => value.endsWith(hosts)));
        }),
    );
});
