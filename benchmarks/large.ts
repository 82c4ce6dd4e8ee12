import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { standInProviders } from "../sandbox/engine";
import { PulumiCli } from "../sandbox/engine/cli";
import { installMoto, startEc2 } from "../sandbox/ec2/server";
import { ProcessGroup } from "../sandbox/processes";
import { startServers } from "../sandbox/servers";
import type { Servers } from "../sandbox/servers";
import { markdownTable } from "../program/markdownTable";
import { stackOf } from "./contestants";
import { parts, withProcessorTime } from "./processorTime";
import type { ProcessorTime } from "./processorTime";
import { checkDisks, removeDisks, startNodes } from "./world";

const { values: options } = parseArgs({
    options: {
        /** Sizes of the stack, each with all settings. */
        volumes: { type: "string", default: "100,500" },
        /** Settings to compare, by name; the first one is what the others are compared with. */
        settings: {
            type: "string",
            default: "plain,skip-checkpoints,no-backups,zstd,gzip,metadata,parallel-32,s3",
        },
        /** A folder for the CLI's own profiles. */
        profiles: { type: "string" },
    },
});

/** The measured commands, in this order, on each stack. */
const commands = {
    "preview, all new": ["preview"],
    "up, all new": ["up", "--yes", "--skip-preview"],
    "up, nothing changed": ["up", "--yes", "--skip-preview"],
    "preview, nothing changed": ["preview"],
} as const;

const nodes = 3;

interface Row {
    readonly volumes: number;
    readonly setting: string;
    readonly command: string;
    readonly seconds: number;
    readonly processor: ProcessorTime;
    /** Bytes of the state's file afterwards; undefined if it is in a bucket. */
    readonly state: number | undefined;
}

/** `npm run bench:large`: large stacks with the engine's settings for self-managed state. */
async function main(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "bench-large-"));
    const servers = await startServers({ directory, mode: "attached", report: console.log });
    const rows: Row[] = [];
    try {
        await startNodes(servers, nodes);
        const bucket = await startBucket(directory);
        for (const volumes of options.volumes.split(",").map(Number)) {
            for (const setting of options.settings.split(",")) {
                const measured = await measure(servers, volumes, setting, bucket);
                rows.push(...measured);
                measured.forEach((row) => console.log(JSON.stringify(row)));
            }
        }
        console.log(`\n${table(rows)}`);
    } finally {
        await servers.stop();
        await rm(directory, { recursive: true, force: true });
    }
}

/** Variables of a setting for a stack whose state is in a folder. */
function variablesOf(setting: string, state: string, bucket: string): NodeJS.ProcessEnv {
    const known: Readonly<Record<string, NodeJS.ProcessEnv>> = {
        plain: {},
        "skip-checkpoints": { PULUMI_SKIP_CHECKPOINTS: "true" },
        "no-backups": { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" },
        zstd: { PULUMI_DIY_BACKEND_ZSTD: "true" },
        gzip: { PULUMI_DIY_BACKEND_GZIP: "true" },
        metadata: { PULUMI_BACKEND_URL: `file://${state}` },
        s3: { PULUMI_BACKEND_URL: bucket },
        "s3-zstd": { PULUMI_BACKEND_URL: bucket, PULUMI_DIY_BACKEND_ZSTD: "true" },
        "s3-skip-checkpoints": { PULUMI_BACKEND_URL: bucket, PULUMI_SKIP_CHECKPOINTS: "true" },
    };
    const parallel = /^parallel-(\d+)$/.exec(setting)?.[1];
    const variables = parallel === undefined ? known[setting] : { PULUMI_PARALLEL: parallel };
    if (!variables) {
        throw new Error(
            `--settings must be of ${Object.keys(known).join(", ")}, parallel-<n>, got ${setting}`,
        );
    }
    return variables;
}

async function measure(servers: Servers, volumes: number, setting: string, bucket: string): Promise<Row[]> {
    const directory = await mkdtemp(join(tmpdir(), "bench-"));
    const one = stackOf({ volumes, nodes });
    const stack = { ...one, stack: `bench-${randomUUID().slice(0, 8)}` };
    const pulumi = await PulumiCli.start(stack, standInProviders(servers), directory, servers.environment);
    const state = join(directory, "state");
    const environment = variablesOf(setting, state, bucket);
    const rows: Row[] = [];
    const run = async (args: readonly string[]) => {
        const { code, stdout, stderr } = await pulumi.run([...args, "--stack", stack.stack], { environment });
        if (code !== 0) {
            throw new Error(stderr || stdout);
        }
    };
    try {
        if (environment.PULUMI_BACKEND_URL === bucket) {
            const { code, stderr } = await pulumi.run(["stack", "init", stack.stack], { environment });
            if (code !== 0) {
                throw new Error(stderr);
            }
            await pulumi.configure(stack.config);
        }
        for (const [command, args] of Object.entries(commands)) {
            const profile = `${options.profiles}/${setting}-${volumes}-${command.replace(/\W+/g, "-")}`;
            const started = performance.now();
            const [, processor] = await withProcessorTime(() =>
                run([...args, "--suppress-progress", ...(options.profiles ? ["--profiling", profile] : [])]),
            );
            const seconds = (performance.now() - started) / 1000;
            rows.push({ volumes, setting, command, seconds, processor, state: await stateSize(state) });
        }
        await checkDisks(servers, volumes);
        return rows;
    } finally {
        await pulumi.stop();
        await removeDisks(servers);
        await rm(directory, { recursive: true, force: true });
    }
}

/** Bytes of the state's file. */
async function stateSize(folder: string): Promise<number | undefined> {
    const files = await readdir(folder, { recursive: true });
    const found = files.find((file) => /stacks\/[^/]+\/bench-[^/]+\.json(\.gz|\.zst)?$/.test(file));
    return found === undefined ? undefined : (await stat(join(folder, found))).size;
}

/** A bucket of moto's S3, and its address for the CLI. */
async function startBucket(directory: string): Promise<string> {
    const environment = await installMoto(console.log, new AbortController().signal);
    const group = new ProcessGroup(join(directory, "bucket"), "attached", new AbortController().signal);
    const endpoint = await startEc2(group, environment);
    const name = "state";
    await fetch(`${endpoint}/${name}`, {
        method: "PUT",
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request" },
    });
    return `s3://${name}?endpoint=${encodeURIComponent(endpoint)}&use_path_style=true&region=us-east-1`;
}

/** Seconds, and in brackets the ratio to the first setting. */
function table(rows: readonly Row[]): string {
    const cells = rows.map((row) => {
        const base = rows.find((one) => one.volumes === row.volumes && one.command === row.command) ?? row;
        const used = parts.map((part) => row.processor[part].toFixed(1));
        const ratio = (row.seconds / base.seconds).toFixed(2);
        const size = row.state === undefined ? "" : row.state.toLocaleString("en");
        return [
            ...[String(row.volumes), row.setting, row.command, `${row.seconds.toFixed(1)} s (${ratio})`],
            ...[...used, size],
        ];
    });
    return markdownTable(["volumes", "setting", "command", "seconds", ...parts, "state"], cells);
}

void main();
