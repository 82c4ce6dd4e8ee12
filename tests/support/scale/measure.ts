import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { commandLineProgram } from "../tools/run";
import { startListServer } from "./apiServer";
import type { Amounts } from "./contents";
import { stateOf } from "./contents";
import { startEc2Server } from "./ec2Server";

/** A command's time, its memory and its requests, at some amounts. */
export interface Measured {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly seconds: number;
    readonly processorSeconds: number;
    /** The most that it had in memory at once. */
    readonly mebibytes: number;
    readonly lists: readonly string[];
    readonly ec2: readonly string[];
}

/** Writes what the process has used to a file: its parent can't know it. */
const hook = `process.on("exit", () => require("node:fs").writeFileSync(process.env.USAGE_FILE, JSON.stringify(process.resourceUsage())));`;

/** Runs a command against servers in this process, and measures it. */
export async function measure(name: string, args: readonly string[], amounts: Amounts): Promise<Measured> {
    const folder = mkdtempSync(join(tmpdir(), "scale-"));
    const [cluster, ec2] = [await startListServer(amounts), await startEc2Server(amounts)];
    try {
        const path = (name: string, text: string) => {
            writeFileSync(join(folder, name), text);
            return join(folder, name);
        };
        const env = {
            PATH: "",
            HOME: folder,
            KUBECONFIG: path("kubeconfig", cluster.kubeconfig),
            AWS_ENDPOINT_URL: ec2.address,
            AWS_REGION: "eu-west-1",
            AWS_ACCESS_KEY_ID: "test",
            AWS_SECRET_ACCESS_KEY: "test",
            USAGE_FILE: join(folder, "usage"),
        };
        const state = path("state.json", stateOf(amounts));
        const command = [
            `--require=${path("hook.cjs", hook)}`,
            commandLineProgram,
            name,
            `--state=${state}`,
            ...args,
        ];
        const start = performance.now();
        const ended = await new Promise<Pick<Measured, "status" | "stdout" | "stderr">>((resolve) =>
            execFile(
                process.execPath,
                command,
                { cwd: folder, env, maxBuffer: 2 ** 28 },
                (error, stdout, stderr) =>
                    resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
            ),
        );
        const usage = JSON.parse(readFileSync(env.USAGE_FILE, "utf8")) as NodeJS.ResourceUsage;
        return {
            ...ended,
            seconds: (performance.now() - start) / 1000,
            processorSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
            mebibytes: usage.maxRSS / 1024,
            lists: cluster.requests,
            ec2: ec2.requests,
        };
    } finally {
        cluster.stop();
        ec2.stop();
        rmSync(folder, { recursive: true, force: true });
    }
}
