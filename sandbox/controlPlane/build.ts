import { spawn } from "node:child_process";
import { readFile, rm, symlink } from "node:fs/promises";
import * as path from "node:path";
import { cached } from "../cache";
import { fetchKubernetes, findToolchain, go } from "./toolchain";
import type { Toolchain } from "./toolchain";

/** Programs in the binary. The name that it is called by selects one. */
const programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;

/** Name of a program of the control plane. */
export type ControlPlaneProgram = (typeof programs)[number];

/** Returns the directory of the control plane's programs, compiled the first time. */
export async function buildControlPlane(
    report: (line: string) => void,
    signal: AbortSignal,
): Promise<string> {
    const files = ["go.mod", "go.sum", "kwok.go", "main.go"].map((name) => path.join(__dirname, name));
    const inputs = await Promise.all(files.map((file) => readFile(file, "utf8")));
    const goMod = inputs[0] ?? "";
    const build = async (directory: string) => {
        const caches = path.join(directory, "go");
        await compile(await findToolchain(goMod, caches, signal), directory, goMod, report);
        await rm(caches, { recursive: true });
        await Promise.all(programs.map((name) => symlink("control-plane", path.join(directory, name))));
    };
    return cached({ name: "control-plane", inputs, build, report, signal });
}

async function compile(
    toolchain: Toolchain,
    directory: string,
    goMod: string,
    report: (line: string) => void,
): Promise<void> {
    report("compiling the sandbox's cluster: up to 10 minutes, kept for every later start");
    const started = Date.now();
    await fetchKubernetes(toolchain);
    const total = (await go(toolchain, ["list", "-deps", "."])).trimEnd().split("\n").length;
    const output = path.join(directory, "control-plane");
    const { command, env, signal } = toolchain;
    const child = spawn(
        command,
        ["build", "-v", "-trimpath", "-buildvcs=false", ...flags(goMod), "-o", output, "."],
        { cwd: __dirname, env, stdio: ["ignore", "ignore", "pipe"], signal },
    );
    let compiled = 0;
    let last = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        compiled += text.split("\n").length - 1;
        last = (last + text).slice(-2000);
    });
    const progress = setInterval(() => {
        const seconds = Math.round((Date.now() - started) / 1000);
        report(
            `compiling the sandbox's cluster: ${compiled} of at most ${total} packages after ${seconds} s`,
        );
    }, 15_000);
    try {
        await new Promise<void>((resolve, reject) => {
            child.once("error", reject).once("close", (code) => {
                if (code === 0) {
                    resolve();
                } else {
                    reject(
                        new Error(`go build failed; its output ends with:
${last.trimEnd()}`),
                    );
                }
            });
        });
    } finally {
        clearInterval(progress);
    }
    report(`compiled the sandbox's cluster in ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * No inlining, which saves a quarter of the compile time; no debug information, an eighth; the version that clients read
 * from the API server.
 */
function flags(goMod: string): string[] {
    const [, version, major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\S*)/.exec(goMod) ?? [];
    const values = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
    const linker = values.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
    return ["-gcflags=all=-l -dwarf=false", `-ldflags=-s -w ${linker.join(" ")}`];
}
