import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import type { RunFolder } from "./runFolder";

/** How a command of the CLI ended. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    /** All that it has printed. */
    readonly text: string;
}

const checkout = join(__dirname, "..", "..");
const stack = "acceptance";

/** Milliseconds that the CLI has to end an update that was interrupted, before it is killed. */
const grace = 120_000;

/** Path of the Pulumi CLI: on the PATH, or where its installer puts it. Undefined if it is in neither. */
export function findPulumi(): string | undefined {
    const { PATH = "", PULUMI_HOME } = process.env;
    const folders = [...PATH.split(delimiter), join(PULUMI_HOME || join(homedir(), ".pulumi"), "bin")];
    return folders.map((folder) => join(folder, "pulumi")).find((program) => existsSync(program));
}

/** The project's program under the Pulumi CLI, with a state of the run's own. */
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
            // There is no secret in the state.
            PULUMI_CONFIG_PASSPHRASE: "acceptance",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
    }

    /** Makes the stack: the program of this checkout, and nothing in its state. */
    public static async start(program: string, folder: RunFolder, signal: AbortSignal): Promise<Pulumi> {
        const pulumi = new Pulumi(program, folder, signal);
        await mkdir(pulumi.project, { recursive: true });
        await mkdir(folder.state, { recursive: true });
        const settings = parse(await readFile(join(checkout, "Pulumi.yaml"), "utf8")) as object;
        const main = join(checkout, "index.ts");
        await writeFile(join(pulumi.project, "Pulumi.yaml"), stringify({ ...settings, main }));
        await pulumi.must(["stack", "init", stack, "--no-select"]);
        return pulumi;
    }

    /** Gives the stack this config. */
    public async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
        const file = join(this.project, `Pulumi.${stack}.yaml`);
        const settings = parse(await readFile(file, "utf8").catch(() => "{}")) as object;
        await writeFile(file, stringify({ ...settings, config }));
    }

    /** `pulumi stack output <name>`. */
    public async output(name: string): Promise<unknown> {
        return JSON.parse(await this.must(["stack", "output", name, "--json"]));
    }

    /** A command that has to work. */
    public async must(args: readonly string[]): Promise<string> {
        const { code, stdout, text } = await this.run(args);
        if (code !== 0) {
            throw new Error(`pulumi ${args[0]} failed: ${errorIn(text)}`);
        }
        return stdout;
    }

    /**
     * Any command, on the run's stack.
     *
     * @throws the signal's reason if the run was interrupted, once the CLI has ended.
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
            const result = await ended(child);
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

/** The error that the CLI has printed, without its marks: that of a resource, if it has named one. */
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

/** Asks the CLI to begin nothing new, and to end once the requests under way are answered. */
function interruptCli(child: ChildProcess): void {
    // In a terminal Ctrl-C has reached it already, and a second one would make it leave off at once.
    if (!process.stdin.isTTY) {
        child.kill("SIGINT");
    }
    setTimeout(() => child.kill("SIGKILL"), grace).unref();
}

function ended(child: ChildProcess): Promise<CommandResult> {
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
