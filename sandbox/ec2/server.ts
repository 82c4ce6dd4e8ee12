import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { cached, lastLine } from "../cache";
import type { ProcessGroup } from "../processes";

const run = promisify(execFile);

/** Returns the directory of a virtual environment with moto, which is installed the first time. */
export async function installMoto(report: (line: string) => void, signal: AbortSignal): Promise<string> {
    const python = process.env["PYTHON"] || "python3";
    const requirements = path.join(__dirname, "requirements.txt");
    const inputs = [await readFile(requirements, "utf8"), await requirePython(python)];
    const build = async (directory: string) => {
        report("installing the sandbox's EC2: about half a minute, kept for every later start");
        const started = Date.now();
        await run(python, ["-m", "venv", directory], { signal });
        const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
        const args = [...pip, "--require-hashes", "--requirement", requirements];
        try {
            await run(path.join(directory, "bin", "python"), args, { signal });
        } catch (error) {
            signal.throwIfAborted();
            throw new Error(
                `could not install moto: check access to pip's package index (${lastLine(error)})`,
            );
        }
        report(`installed the sandbox's EC2 in ${Math.round((Date.now() - started) / 1000)} s`);
    };
    return cached({ name: "ec2", inputs, build, report, signal });
}

/**
 * Starts EC2 on 127.0.0.1 and returns its endpoint.
 *
 * @param environment - Directory of the virtual environment.
 */
export async function startEc2(group: ProcessGroup, environment: string): Promise<string> {
    const command = path.join(environment, "bin", "python");
    return group.withFreePorts(1, async ([port]) => {
        const endpoint = `http://127.0.0.1:${port}`;
        await group.start({ name: "ec2", command, args: [path.join(__dirname, "serve.py"), String(port)] });
        await group.waitUntil("ec2", () => group.logHas("ec2", "listening"), 60);
        return endpoint;
    });
}

/** Checks Python's version and venv module. Returns a text that identifies this Python. */
async function requirePython(python: string): Promise<string> {
    const wayOut = `install python 3.10 or later with its venv module, or set PYTHON to one`;
    // Debian has venv in a separate package; without it ensurepip is missing.
    const script =
        "import ensurepip, platform, sys, venv; print(sys.version_info >= (3, 10), platform.python_version(), sys.base_prefix)";
    let found: string;
    try {
        found = (await run(python, ["-c", script])).stdout.trim();
    } catch (error) {
        throw new Error(`the sandbox's EC2 needs python: ${wayOut} (${lastLine(error)})`);
    }
    if (!found.startsWith("True")) {
        throw new Error(
            `the sandbox's EC2 can't run with ${python}, which is too old: ${wayOut} (${found.split(" ")[1]})`,
        );
    }
    return found;
}
