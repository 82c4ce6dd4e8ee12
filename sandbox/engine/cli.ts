import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import type { Provider } from "../providers/provider";
import { ProviderServer } from "../providers/serve";
import { folderOnPath, withCli } from "./find";
import type { ProgramRun, ProjectStack } from "./program";

/** How a command of the CLI ended. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    /** What the engine says that it did, in order; only commands that may change the stack have any. */
    readonly events: readonly EngineEvent[];
}

/** A provider that the CLI works with. */
export interface FoundProvider {
    readonly kind: "real" | "stand-in";
    /** Of a stand-in the version that it answers as. */
    readonly version: string;
}

/** How to run a command. */
export interface CommandOptions {
    /** Gets what is printed, as it is printed. */
    readonly report?: (text: string) => void;
    /** Kills the CLI, as `kill -9` does. */
    readonly kill?: AbortSignal;
    /** Kills all that it has started as well, as the end of a machine does. */
    readonly killsGroup?: boolean;
    /** Variables on top of the stack's own. */
    readonly environment?: NodeJS.ProcessEnv;
}

/** Of each provider that this process has asked the CLI to install, whether it could. */
const installations = new Map<string, Promise<boolean>>();

/** Commands that the engine has events of. */
const eventful = ["up", "preview", "refresh", "destroy", "import"];

/** The Pulumi CLI, working on a copy of a stack that leaves no trace in the checkout. */
export class PulumiCli {
    /** For each provider, which one works. */
    public readonly providers: Record<string, FoundProvider> = {};
    private readonly servers: ProviderServer[] = [];

    private constructor(
        /** Folder with the settings. */
        public readonly project: string,
        private readonly stack: string,
        private readonly stateEnvironment: Readonly<NodeJS.ProcessEnv>,
        private readonly environment: NodeJS.ProcessEnv,
    ) {}

    /** Version of the CLI on the PATH or in its installer's folder, or undefined if there is none. */
    public static async version(): Promise<string | undefined> {
        const { code, stdout } = await run(["version"], withCli(process.env)).catch(() => ({
            code: 1,
            stdout: "",
        }));
        return code === 0 ? stdout.trim() : undefined;
    }

    /**
     * Gets a stack ready: settings and state below `directory`, and for each provider that the CLI neither
     * has nor can install, the stand-in.
     */
    public static async start(
        stack: ProjectStack,
        standIns: readonly Provider[],
        directory: string,
        environment: NodeJS.ProcessEnv,
    ): Promise<PulumiCli> {
        const [project, state] = [join(directory, "project"), join(directory, "state")];
        await mkdir(project, { recursive: true });
        await mkdir(state, { recursive: true });
        const settings = parse(await readFile(join(stack.directory, "Pulumi.yaml"), "utf8")) as object;
        await writeFile(join(project, "Pulumi.yaml"), stringify({ ...settings, main: stack.main }));
        const own = stateEnvironment(state);
        const cli = new PulumiCli(project, stack.stack, own, {
            ...withCli(process.env),
            ...environment,
            ...own,
        });
        await cli.findProviders(standIns);
        await cli.must(["stack", "init", stack.stack]);
        await cli.configure(stack.config);
        return cli;
    }

    /** Gives the stack another config. */
    public async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
        const file = join(this.project, `Pulumi.${this.stack}.yaml`);
        const settings = parse(await readFile(file, "utf8").catch(() => "{}")) as object;
        await writeFile(file, stringify({ ...settings, config }));
    }

    /** `pulumi up`, with what it prints handed on line by line. */
    public async up(report: (text: string) => void): Promise<ProgramRun> {
        const args = ["up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"];
        const { code, stdout, stderr } = await this.run(args, {
            report: (text) => report(withoutBlankLines(text)),
        });
        const exportState = () => this.must(["stack", "export"]);
        if (code !== 0) {
            return { errors: [withoutBlankLines(stderr || stdout)], outputs: {}, exportState };
        }
        const outputs = await this.must(["stack", "output", "--json"]);
        return { errors: [], outputs: JSON.parse(outputs) as ProgramRun["outputs"], exportState };
    }

    /** Variables with which another program's CLI finds the stack and the stand-ins. */
    public get stackEnvironment(): NodeJS.ProcessEnv {
        const { PULUMI_DEBUG_PROVIDERS, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION } = this.environment;
        return {
            ...this.stateEnvironment,
            PULUMI_DEBUG_PROVIDERS,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION,
        };
    }

    /** The stand-ins that run, as another CLI has to be told of them in PULUMI_DEBUG_PROVIDERS. */
    public get debugProviders(): string {
        return this.environment.PULUMI_DEBUG_PROVIDERS ?? "";
    }

    /** Stops the stand-ins. */
    public async stop(): Promise<void> {
        await Promise.all(this.servers.map((server) => server.close()));
    }

    private async findProviders(standIns: readonly Provider[]): Promise<void> {
        const installed = JSON.parse(await this.must(["plugin", "ls", "--json"])) as {
            name: string;
            kind: string;
            version?: string;
        }[];
        const attached: string[] = [];
        for (const provider of standIns) {
            const { name, version } = provider;
            const plugin = installed.find((one) => one.kind === "resource" && one.name === name);
            const isThere =
                plugin !== undefined ||
                folderOnPath(`pulumi-resource-${name}`, this.environment) !== undefined ||
                (await this.canInstall(name, version));
            this.providers[name] = {
                kind: isThere ? "real" : "stand-in",
                version: plugin?.version ?? version,
            };
            if (!isThere) {
                const server = new ProviderServer(provider);
                attached.push(await server.listen());
                this.servers.push(server);
            }
        }
        this.environment.PULUMI_DEBUG_PROVIDERS = attached.join(",");
        // Without the plugin of a provider that a stand-in plays, each command would try to download it.
        this.environment.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
    }

    /** Without internet the CLI takes seconds to find out that it can't: it is asked once. */
    private canInstall(name: string, version: string): Promise<boolean> {
        const args = ["plugin", "install", "resource", name, version];
        const key = [this.environment["PULUMI_HOME"], ...args].join(" ");
        const known = installations.get(key) ?? this.run(args).then(({ code }) => code === 0);
        installations.set(key, known);
        return known;
    }

    private async must(args: string[]): Promise<string> {
        const { code, stdout, stderr } = await this.run(args);
        if (code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} failed: ${stderr.trim()}`);
        }
        return stdout;
    }

    /** Any command of the CLI, on this stack. */
    public async run(args: string[], options: CommandOptions = {}): Promise<CommandResult> {
        const common = ["--cwd", this.project, "--non-interactive"];
        const environment = { ...this.environment, ...options.environment };
        if (!eventful.includes(args[0] ?? "")) {
            return { ...(await run([...common, ...args], environment, options)), events: [] };
        }
        const log = join(this.project, "events.json");
        await rm(log, { force: true });
        const withLog = { ...environment, PULUMI_DEBUG_COMMANDS: "true" };
        const result = await run([...common, "--event-log", log, ...args], withLog, options);
        const lines = (await readFile(log, "utf8").catch(() => "")).split("\n");
        // The last line of a CLI that was killed may be half a line.
        const whole = lines.slice(0, -1).map((line) => JSON.parse(line) as EngineEvent);
        return { ...result, events: whole };
    }
}

async function run(
    args: string[],
    env: NodeJS.ProcessEnv,
    { report, kill: signal, killsGroup = false }: CommandOptions = {},
): Promise<Omit<CommandResult, "events">> {
    const child = spawn("pulumi", args, { env, stdio: ["ignore", "pipe", "pipe"], detached: killsGroup });
    signal?.addEventListener("abort", () => kill(child, killsGroup));
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
        printed.stdout += chunk.toString();
        report?.(chunk.toString());
    });
    child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
    const code = await new Promise<number>((resolve, reject) =>
        child
            .on("error", reject)
            // What a killed CLI has started may hold its output open for a while yet.
            .on(signal ? "exit" : "close", (status: number | null) => resolve(status ?? 1)),
    );
    return { code, ...printed };
}

/** Kills a process, or the whole group that it leads. */
export function kill(child: ChildProcess, group: boolean): void {
    if (group && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, "SIGKILL");
    } else {
        child.kill("SIGKILL");
    }
}

function withoutBlankLines(printed: string): string {
    return printed.replace(/\n\s*(?=\n|$)/g, "").trim();
}

/**
 * Where the state is. The CLI notes which stack is selected by this address, to the letter, so that this is the one
 * place that makes it. Without the metadata files, which a kill may leave empty beside the state.
 */
function stateEnvironment(directory: string): NodeJS.ProcessEnv {
    return {
        PULUMI_BACKEND_URL: `file://${directory}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "sandbox",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
}
