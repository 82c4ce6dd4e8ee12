import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { standInProviders } from "../sandbox/engine";
import { PulumiCli } from "../sandbox/engine/cli";
import type { ProjectStack } from "../sandbox/engine/program";
import { runWithStandIn } from "../sandbox/engine/standIn";
import type { Provider } from "../sandbox/providers/provider";
import type { Servers } from "../sandbox/servers";
import { clusterOf } from "./world";

/** The size of a job: volumes to create, and nodes of the cluster. */
export interface Case {
    readonly volumes: number;
    readonly nodes: number;
}

/** Seconds, by figure. */
export type Durations = Readonly<Record<string, number>>;

/** A program that does the job, timed from the start of its first process to the end of its last. */
export type Contestant = (servers: Servers, one: Case) => Promise<Durations>;

const root = join(__dirname, "..");

/** The script. */
export const script: Contestant = async (servers, { volumes, nodes }) => {
    const env = { ...process.env, ...servers.environment, AWS_ENDPOINT_URL: servers.ec2Endpoint };
    return timed("script", () =>
        promisify(execFile)(join(__dirname, "script.sh"), [clusterOf(nodes), String(volumes)], { env }),
    );
};

/** The program with the stand-in for the engine, and the time and memory of its start. */
export const standIn: Contestant = async (servers, one) => {
    const [started, measured] = [performance.now(), { "program start": 0, "program memory": 0 }];
    const note = () => {
        measured["program start"] ||= (performance.now() - started) / 1000;
        measured["program memory"] = Math.max(measured["program memory"], peakOfChildren());
    };
    const providers = standInProviders(servers).map((provider) => observed(provider, note));
    const run = () =>
        runWithStandIn(stackOf(one), providers, { ...process.env, ...servers.environment }).then(
            throwOnErrors,
        );
    const times = await timed("stand-in up", run);
    return { ...times, ...measured };
};

/** `pulumi preview` of a new stack, `pulumi up --skip-preview`, and the same again without changes. */
export const cli: Contestant = (servers, one) => previewAndUp(servers, stackOf(one), "");

/** The same with the floor: a bare program that makes the same resources. */
export const floor: Contestant = (servers, one) => previewAndUp(servers, floorOf(one), "floor: ");

/** `pulumi up` of a new stack, with its preview. */
export const cliWithPreview: Contestant = (servers, one) =>
    withStack(servers, stackOf(one), (command) => command("pulumi up with its preview", "up", "--yes"));

const previewAndUp = (servers: Servers, stack: ProjectStack, prefix: string) =>
    withStack(servers, stack, async (command) => ({
        ...(await command(`${prefix}pulumi preview`, "preview")),
        ...(await command(`${prefix}pulumi up`, "up", "--yes", "--skip-preview")),
        ...(await command(`${prefix}pulumi up, nothing changed`, "up", "--yes", "--skip-preview")),
    }));

async function withStack(
    servers: Servers,
    stack: ProjectStack,
    work: (command: (what: string, ...args: string[]) => Promise<Durations>) => Promise<Durations>,
): Promise<Durations> {
    const directory = await mkdtemp(join(tmpdir(), "bench-"));
    const providers = standInProviders(servers);
    const pulumi = await PulumiCli.start(stack, providers, directory, servers.environment);
    try {
        return await work((what, ...args) =>
            timed(what, async () => {
                const { code, stdout, stderr } = await pulumi.run([...args, "--suppress-progress"]);
                throwOnErrors({ errors: code === 0 ? [] : [stderr || stdout] });
            }),
        );
    } finally {
        await pulumi.stop();
        await rm(directory, { recursive: true, force: true });
    }
}

/** The stack of a case. */
export function stackOf({ volumes, nodes }: Case): ProjectStack {
    const storages = {
        jenkins: {
            count: volumes,
            start: 1,
            volume: { sizeGiB: 10, type: "gp2" },
            persistentVolume: { namePrefix: "manual-ebs", labels: { type: "ebs" } },
            storageClass: { name: "manual-ebs" },
            deletionPolicy: "Delete",
            protect: false,
        },
    };
    return {
        directory: root,
        main: join(root, "index.ts"),
        project: "zonal-persistent-storage",
        stack: "bench",
        config: {
            "aws:region": "eu-west-1",
            "zonal-persistent-storage:cluster": { name: clusterOf(nodes) },
            "zonal-persistent-storage:storages": storages,
        },
    };
}

function floorOf({ volumes, nodes }: Case): ProjectStack {
    return {
        directory: join(__dirname, "floor"),
        main: join(__dirname, "floor", "index.ts"),
        project: "floor",
        stack: "bench",
        config: { "aws:region": "eu-west-1", "floor:cluster": clusterOf(nodes), "floor:count": volumes },
    };
}

async function timed(what: string, work: () => Promise<unknown>): Promise<Durations> {
    const started = performance.now();
    await work();
    return { [what]: (performance.now() - started) / 1000 };
}

function throwOnErrors({ errors }: { readonly errors: readonly string[] }): void {
    if (errors.length > 0) {
        throw new Error(errors.join("\n"));
    }
}

/** A provider that calls `note` at each request. */
function observed(provider: Provider, note: () => void): Provider {
    return new Proxy(provider, {
        get: (target, key) => {
            const value: unknown = Reflect.get(target, key);
            if (typeof value !== "function") {
                return value;
            }
            return (...args: unknown[]): unknown => {
                note();
                return Reflect.apply(value, target, args);
            };
        },
    });
}

/** Peak memory of this process' child processes, in MB. Linux only; 0 elsewhere. */
function peakOfChildren(): number {
    if (process.platform !== "linux") {
        return 0;
    }
    const peaks = readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .map((pid) => {
            try {
                return readFileSync(`/proc/${pid}/status`, "utf8");
            } catch {
                return "";
            }
        })
        .filter((status) => status.includes(`PPid:\t${process.pid}\n`) && status.startsWith("Name:\tnode\n"))
        .map((status) => Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    return Math.round(Math.max(0, ...peaks));
}
