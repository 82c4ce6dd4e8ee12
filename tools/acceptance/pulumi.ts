import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import type { RunFolder } from "./runFolder";

/** Result of a command of the CLI. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    /** Standard output and standard error. */
    readonly text: string;
}

const checkout = join(__dirname, "..", "..");
const stack = "acceptance";

/** Milliseconds in which the CLI has to end after an interruption, before it is killed. */
const shutdownMilliseconds = 120_000;

/** Path of the Pulumi CLI on the PATH or in its installer's folder; undefined if it is in neither. */
export function findPulumi(): string | undefined {
    const { PATH = "", PULUMI_HOME } = process.env;
    const folders = [...PATH.split(delimiter), join(PULUMI_HOME || join(homedir(), ".pulumi"), "bin")];
    return folders.map((folder) => join(folder, "pulumi")).find((program) => existsSync(program));
}

/** The Pulumi CLI with this project's program and the run's own state. */
export class Pulumi {
    private readonly project: string;
    private readonly environment: NodeJS.ProcessEnv;

    private constructor(
        private readonly program: string,
        private readonly folder: RunFolder,
        private readonly signal: AbortSignal,
    ) {
        this.project = join(folder.directory, "project");
        const {
            PULUMI_STACK: _stack,
            PULUMI_CONFIG_PASSPHRASE_FILE: _passphrase,
            ...environment
        } = process.env;
        this.environment = {
            ...environment,
            PATH: [dirname(program), environment.PATH ?? ""].join(delimiter),
            PULUMI_BACKEND_URL: `file://${folder.state}`,
            // The state has no secrets.
            PULUMI_CONFIG_PASSPHRASE: "acceptance",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
    }

    /** Creates an empty stack of this checkout's program. */
    public static async start(program: string, folder: RunFolder, signal: AbortSignal): Promise<Pulumi> {
        const pulumi = new Pulumi(program, folder, signal);
        await mkdir(pulumi.project, { recursive: true });
        await mkdir(folder.state, { recursive: true });
        const settings = parse(await readFile(join(checkout, "Pulumi.yaml"), "utf8")) as object;
        const main = join(checkout, "index.ts");
        await writeFile(join(pulumi.project, "Pulumi.yaml"), stringify({ ...settings, main }));
        await pulumi.runOrThrow(["stack", "init", stack, "--no-select"]);
        return pulumi;
    }

    /** Writes the stack's config. */
    public async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
        const file = join(this.project, `Pulumi.${stack}.yaml`);
        const settings = parse(await readFile(file, "utf8").catch(() => "{}")) as object;
        await writeFile(file, stringify({ ...settings, config }));
    }

    /** `pulumi stack output <name>`. */
    public async output(name: string): Promise<unknown> {
        return JSON.parse(await this.runOrThrow(["stack", "output", name, "--json"]));
    }

    /** Runs a command. @throws Error if it fails. */
    public async runOrThrow(args: readonly string[]): Promise<string> {
        const { code, stdout, text } = await this.run(args);
        if (code !== 0) {
            throw new Error(`pulumi ${args[0]} failed: ${errorIn(text)}`);
        }
        return stdout;
    }

    /**
     * Runs a command on the run's stack.
     *
     * @throws the signal's reason if the run was interrupted, after the CLI has ended.
     */
    public async run(args: readonly string[]): Promise<CommandResult> {
        this.signal.throwIfAborted();
        const selected = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", stack];
        const all = ["--cwd", this.project, "--non-interactive", "--color", "never", ...args, ...selected];
        const child = spawn(this.program, all, { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
        await this.folder.setPulumiPid(child.pid);
        const interrupt = () => interruptCli(child);
        this.signal.addEventListener("abort", interrupt, { once: true });
        if (this.signal.aborted) {
            interrupt();
        }
        try {
            const result = await waitForEnd(child);
            await appendFile(this.folder.log, `$ pulumi ${args.join(" ")}\n${result.text}\n`);
            this.signal.throwIfAborted();
            return result;
        } finally {
            this.signal.removeEventListener("abort", interrupt);
            await this.folder.setPulumiPid(undefined);
        }
    }
}

/** Version of the CLI. */
export function pulumiVersion(program: string): string {
    return execFileSync(program, ["version"], { encoding: "utf8" }).trim();
}

/** The error message in the CLI's output, preferably a resource's. */
export function errorIn(text: string): string {
    const lines = text.split("\n").map((line) => line.trim());
    const errors = lines.flatMap((line, index) => {
        const [, error] = /^(?:\* )?error:\s*(.*)$/.exec(line) ?? [];
        return error === undefined ? [] : [error === "" ? (lines[index + 1] ?? "") : error];
    });
    const error =
        errors.find((one) => !/^(update|preview) failed$/.test(one)) ?? errors[0] ?? lines.at(-1) ?? "";
    return error.replace(/^Preview failed: /, "").replace(/^before hook "[^"]*" failed: /, "");
}

/** Asks the CLI to end after its pending requests. */
function interruptCli(child: ChildProcess): void {
    // In a terminal Ctrl-C has reached it already, and a second signal would end it at once.
    if (!process.stdin.isTTY) {
        child.kill("SIGINT");
    }
    setTimeout(() => child.kill("SIGKILL"), shutdownMilliseconds).unref();
}

function waitForEnd(child: ChildProcess): Promise<CommandResult> {
    const printed = { stdout: "", text: "" };
    child.stdout?.on("data", (chunk: Buffer) => {
        printed.stdout += chunk.toString();
        printed.text += chunk.toString();
    });
    child.stderr?.on("data", (chunk: Buffer) => (printed.text += chunk.toString()));
    return new Promise((resolve, reject) =>
        child
            .on("error", reject)
            .on("close", (status: number | null) => resolve({ code: status ?? 1, ...printed })),
    );
}
