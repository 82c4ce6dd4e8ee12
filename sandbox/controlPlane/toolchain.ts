import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { lastLine } from "../cache";

/**
 * Files that nothing here calls, but for which almost 200 packages would be compiled: helpers of upstream's tests,
 * and the part of the kubelet that evicts pods. The garbage collector of pods uses a function of the rest of its package.
 */
const unusedFiles: Readonly<Record<string, readonly string[]>> = {
    "k8s.io/apiserver": ["pkg/admission/plugin/policy/generic/policy_test_context.go"],
    "k8s.io/kubernetes": [
        "pkg/kubelet/eviction/eviction_manager.go",
        "pkg/kubelet/eviction/memory_threshold_notifier.go",
        "pkg/kubelet/eviction/memory_threshold_notifier_others.go",
        "pkg/kubelet/eviction/threshold_notifier_linux.go",
        "pkg/kubelet/eviction/threshold_notifier_unsupported.go",
        "pkg/scheduler/backend/queue/testing.go",
    ],
};

/** Go for the modules of this folder, with caches of its own. */
export interface Toolchain {
    readonly command: string;
    readonly env: NodeJS.ProcessEnv;
    /** Cancels its commands. */
    readonly signal: AbortSignal;
}

/**
 * Finds a Go that can compile these modules. Go from 1.21 on has fetched it by the time that it answers.
 *
 * @param caches - Folder for its caches, which can be removed with it: Go's own would keep gigabytes that nothing needs again.
 */
export async function findToolchain(goMod: string, caches: string, signal: AbortSignal): Promise<Toolchain> {
    const wanted = /^go (\d+)\.(\d+)/m.exec(goMod) ?? [];
    const wayOut = `install go ${wanted[1]}.${wanted[2]} or later, or any from 1.21 on without GOTOOLCHAIN=local`;
    const local = { command: "go", env: { ...process.env, GOWORK: "off" }, signal };
    let found: Record<"GOVERSION" | "GOROOT" | "GOMODCACHE" | "GOPROXY", string>;
    try {
        const args = ["env", "-json", "GOVERSION", "GOROOT", "GOMODCACHE", "GOPROXY"];
        found = JSON.parse(await go(local, args)) as typeof found;
    } catch (error) {
        signal.throwIfAborted();
        throw new Error(`the sandbox's cluster is compiled, which needs go: ${wayOut} (${lastLine(error)})`);
    }
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(found.GOVERSION) ?? [];
    if (Number(major) === Number(wanted[1]) && Number(minor) < Number(wanted[2])) {
        throw new Error(`the sandbox's cluster can't be compiled with ${found.GOVERSION}: ${wayOut}`);
    }
    const env = {
        ...process.env,
        CGO_ENABLED: "0",
        GOWORK: "off",
        GOTOOLCHAIN: "local",
        GOCACHE: path.join(caches, "build"),
        GOMODCACHE: path.join(caches, "modules"),
        GOFLAGS: "-modcacherw",
        // Modules that Go's own cache has are not downloaded again.
        GOPROXY: `file://${found.GOMODCACHE}/cache/download,${found.GOPROXY}`,
        // A compiler ends before its garbage is worth collecting, which saves a fifth of its time.
        GOGC: "off",
        GOMEMLIMIT: "2GiB",
    };
    return { command: path.join(found.GOROOT, "bin", "go"), env, signal };
}

/** Runs a command of go in this folder, and returns what it prints. */
export async function go({ command, env, signal }: Toolchain, args: readonly string[]): Promise<string> {
    const options = { cwd: __dirname, env, signal, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(command, args, options)).stdout;
}

/** Downloads Kubernetes without the unused files. Whatever called one of them would not compile. */
export async function fetchKubernetes(toolchain: Toolchain): Promise<void> {
    const modules = Object.keys(unusedFiles);
    await go(toolchain, ["mod", "download", ...modules]);
    const folders = await go(toolchain, ["list", "-m", "-f", "{{.Path}} {{.Dir}}", ...modules]);
    for (const line of folders.trimEnd().split("\n")) {
        const [module = "", folder = ""] = line.split(" ");
        await Promise.all((unusedFiles[module] ?? []).map((file) => rm(path.join(folder, file))));
    }
}
