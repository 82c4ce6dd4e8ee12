import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PulumiCli } from "../sandbox/engine/cli";
import { faultyServers } from "../sandbox/faults";
import type { Servers } from "../sandbox/servers";
import { cli, standIn } from "./contestants";
import type { Case } from "./contestants";
import { removeDisks } from "./world";

/**
 * The program's calls of EC2 by action, and of Kubernetes by verb and resource, in all timed commands: with the CLI a
 * preview, an update and an update without changes.
 */
export async function countCalls(
    servers: Servers,
    one: Case,
): Promise<Record<string, Record<string, number>>> {
    const directory = await mkdtemp(join(tmpdir(), "bench-calls-"));
    const proxied = await faultyServers(servers, directory);
    const counts: { ec2: Record<string, number>; kubernetes: Record<string, number> } = {
        ec2: {},
        kubernetes: {},
    };
    const count = (calls: Record<string, number>, call: string) => {
        calls[call] = (calls[call] ?? 0) + 1;
        return false;
    };
    proxied.ec2.fail("hang", {
        matching: ({ body }) => count(counts.ec2, new URLSearchParams(body).get("Action") ?? ""),
    });
    proxied.kubernetes.fail("hang", {
        matching: ({ method, path }) => count(counts.kubernetes, `${method} ${resourceOf(path)}`),
    });
    try {
        await ((await PulumiCli.version()) === undefined ? standIn : cli)(proxied.servers, one);
        await removeDisks(servers);
        return counts;
    } finally {
        proxied.close();
        await rm(directory, { recursive: true, force: true });
    }
}

/** The resource in a path; "discovery" for requests about the API itself. */
function resourceOf(path: string): string {
    const [, resource] =
        /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(?:namespaces\/[^/]+\/)?([a-z]+)/.exec(path) ?? [];
    const watch = path.includes("watch=true") ? " (watch)" : "";
    return resource === undefined ? "discovery" : `${resource}${watch}`;
}
