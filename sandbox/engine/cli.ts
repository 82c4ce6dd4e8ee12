import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import type { Provider } from "../providers/provider";
import { ProviderServer } from "../providers/serve";
import { folderOnPath, withCli } from "./find";
import type { ProgramRun, ProjectStack } from "./program";

/** Result of a command of the CLI. */
export interface CommandResult {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
    /** The engine's events in order; empty for commands that have none. */
    readonly events: readonly EngineEvent[];
}

/** A provider that the CLI uses. */
export interface FoundProvider {
    readonly kind: "real" | "stand-in";
    /** Version that the provider reports. */
    readonly version: string;
}

/** Options of a command. */
export interface CommandOptions {
    /** Receives the output as it is printed. */
    readonly report?: (text: string) => void;
    /** Kills the CLI, like `kill -9`. */
    readonly kill?: AbortSignal;
    /** Whether to kill its child processes as well, like the end of a machine. */
    readonly killsGroup?: boolean;
    /** Whether the program has a process of its own, even if the CLI has a host for it. */
    readonly ownProcess?: boolean;
    /** Additional variables. */
    readonly environment?: NodeJS.ProcessEnv;
}

/** Whether the CLI could install a provider, by the command that this process has run for it. */
const installations = new Map<string, Promise<boolean>>();

/** Prepares a process for a program with these variables, and returns its address for the CLI. */
export type ProgramHost = (environment: NodeJS.ProcessEnv) => Promise<string>;

/** How the CLI's commands run. */
export interface StartOptions {
    /** Runs the program in a process that exists. Without it, each command starts one. */
    readonly host?: ProgramHost;
    /** Kills the CLI with its child processes. */
    readonly interrupted?: AbortSignal;
}

/** Commands that run the program. */
const commandsWithProgram = ["up", "preview"];

/** Commands for which the engine writes events. */
const commandsWithEvents = ["up", "preview", "refresh", "destroy", "import"];

/** The Pulumi CLI on a copy of a stack outside the checkout. */
export class PulumiCli {
    /** The providers in use, by name. */
    public readonly providers: Record<string, FoundProvider> = {};
    private readonly servers: ProviderServer[] = [];
    private readonly running = new Map<ChildProcess, boolean>();
    private hasRun = false;

    private constructor(
        /** Folder with the settings. */
        public readonly project: string,
        private readonly stack: string,
        private readonly stateEnvironment: Readonly<NodeJS.ProcessEnv>,
        private readonly environment: NodeJS.ProcessEnv,
        private readonly host: ProgramHost | undefined,
        private readonly interrupted: AbortSignal | undefined,
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
     * Creates a stack with settings and state below `directory`, and starts a stand-in for each provider that is neither
     * installed nor can be.
     */
    public static async start(
        stack: ProjectStack,
        standIns: readonly Provider[],
        directory: string,
        environment: NodeJS.ProcessEnv,
        { host, interrupted }: StartOptions = {},
    ): Promise<PulumiCli> {
        const [project, state] = [join(directory, "project"), join(directory, "state")];
        await mkdir(project, { recursive: true });
        await mkdir(state, { recursive: true });
        const settings = parse(await readFile(join(stack.directory, "Pulumi.yaml"), "utf8")) as object;
        await writeFile(join(project, "Pulumi.yaml"), stringify({ ...settings, main: stack.main }));
        const own = stateEnvironment(state);
        const all = { ...withCli(process.env), ...environment, ...own };
        const cli = new PulumiCli(project, stack.stack, own, all, host, interrupted);
        await cli.findProviders(standIns);
        await cli.runOrThrow(["stack", "init", stack.stack]);
        await cli.configure(stack.config);
        return cli;
    }

    /** Writes the stack's config. */
    public async configure(config: Readonly<Record<string, unknown>>): Promise<void> {
        const file = join(this.project, `Pulumi.${this.stack}.yaml`);
        const settings = parse(await readFile(file, "utf8").catch(() => "{}")) as object;
        await writeFile(file, stringify({ ...settings, config }));
    }

    /** `pulumi up`. Reports its output. */
    public async up(report: (text: string) => void): Promise<ProgramRun> {
        const args = ["up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"];
        const { code, stdout, stderr } = await this.run(args, {
            report: (text) => report(withoutBlankLines(text)),
        });
        const exportState = () => this.runOrThrow(["stack", "export"]);
        if (code !== 0) {
            return { errors: [withoutBlankLines(stderr || stdout)], outputs: {}, exportState };
        }
        const outputs = await this.runOrThrow(["stack", "output", "--json"]);
        return { errors: [], outputs: JSON.parse(outputs) as ProgramRun["outputs"], exportState };
    }

    /** Variables with which other programs' CLIs use the same stack and stand-ins. */
    public get stackEnvironment(): NodeJS.ProcessEnv {
        const { PULUMI_DEBUG_PROVIDERS, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION } = this.environment;
        return {
            ...this.stateEnvironment,
            PULUMI_DEBUG_PROVIDERS,
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION,
        };
    }

    /** Value of PULUMI_DEBUG_PROVIDERS for other CLIs that use the stand-ins. */
    public get debugProviders(): string {
        return this.environment.PULUMI_DEBUG_PROVIDERS ?? "";
    }

    /** Notes a process on this stack that has to end with the test. */
    public track(child: ChildProcess, group: boolean): void {
        this.running.set(child, group);
        child.on("exit", () => this.running.delete(child));
    }

    /** Kills the commands that still run, as after a test that has timed out, and removes the lock of the state. */
    public async endRunning(): Promise<void> {
        const left = [...this.running];
        const exited = left.map(([child]) => once(child, "exit"));
        left.forEach(([child, group]) => kill(child, group));
        await Promise.all(exited);
        if (left.length > 0) {
            await this.runOrThrow(["cancel", "--yes"]);
        }
    }

    /** Stops the stand-ins. */
    public async stop(): Promise<void> {
        await Promise.all(this.servers.map((server) => server.close()));
    }

    private async findProviders(standIns: readonly Provider[]): Promise<void> {
        const installed = JSON.parse(await this.runOrThrow(["plugin", "ls", "--json"])) as {
            name: string;
            kind: string;
            version?: string;
        }[];
        const attached: string[] = [];
        for (const provider of standIns) {
            const { name, version } = provider;
            const plugin = installed.find((one) => one.kind === "resource" && one.name === name);
            const isAvailable =
                plugin !== undefined ||
                folderOnPath(`pulumi-resource-${name}`, this.environment) !== undefined ||
                (await this.canInstall(name, version));
            this.providers[name] = {
                kind: isAvailable ? "real" : "stand-in",
                version: plugin?.version ?? version,
            };
            if (!isAvailable) {
                const server = new ProviderServer(provider);
                attached.push(await server.listen());
                this.servers.push(server);
            }
        }
        this.environment.PULUMI_DEBUG_PROVIDERS = attached.join(",");
        // Without it, each command would try to download the plugins that have a stand-in.
        this.environment.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
    }

    /** Asks the CLI once in a process: without internet it takes seconds to fail. */
    private canInstall(name: string, version: string): Promise<boolean> {
        const args = ["plugin", "install", "resource", name, version];
        const key = [this.environment["PULUMI_HOME"], ...args].join(" ");
        const known = installations.get(key) ?? this.run(args).then(({ code }) => code === 0);
        installations.set(key, known);
        return known;
    }

    private async runOrThrow(args: string[]): Promise<string> {
        const { code, stdout, stderr } = await this.run(args);
        if (code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} failed: ${stderr.trim()}`);
        }
        return stdout;
    }

    /** Runs a command on this stack. */
    public async run(args: string[], given: CommandOptions = {}): Promise<CommandResult> {
        this.interrupted?.throwIfAborted();
        const options = this.interrupted ? { kill: this.interrupted, killsGroup: true, ...given } : given;
        const common = ["--cwd", this.project, "--non-interactive"];
        const environment = { ...this.environment, ...options.environment };
        if (!commandsWithEvents.includes(args[0] ?? "")) {
            return { ...(await this.execute([...common, ...args], environment, options)), events: [] };
        }
        if (commandsWithProgram.includes(args[0] ?? "")) {
            common.push(...(await this.hostOptions(args, environment, options)));
        }
        const log = join(this.project, "events.json");
        await rm(log, { force: true });
        const withLog = { ...environment, PULUMI_DEBUG_COMMANDS: "true" };
        const result = await this.execute([...common, "--event-log", log, ...args], withLog, options);
        const lines = (await readFile(log, "utf8").catch(() => "")).split("\n");
        // The last line of a killed CLI may be incomplete.
        const whole = lines.slice(0, -1).map((line) => JSON.parse(line) as EngineEvent);
        return { ...result, events: whole };
    }

    private execute(args: string[], environment: NodeJS.ProcessEnv, options: CommandOptions) {
        return run(args, environment, options, (child) => this.track(child, options.killsGroup === true));
    }

    /**
     * Options for the program's host. The first program of a stack, those whose log is read and those that may be killed
     * have a process of their own, as outside of tests.
     */
    private async hostOptions(
        args: readonly string[],
        environment: NodeJS.ProcessEnv,
        { kill: mayBeKilled, ownProcess = !this.hasRun }: CommandOptions,
    ): Promise<string[]> {
        this.hasRun = true;
        return !this.host || ownProcess || mayBeKilled || args.includes("--logtostderr")
            ? []
            : ["--client", await this.host(environment)];
    }
}

async function run(
    args: string[],
    env: NodeJS.ProcessEnv,
    { report, kill: signal, killsGroup = false }: CommandOptions = {},
    onStart: (child: ChildProcess) => void = () => undefined,
): Promise<Omit<CommandResult, "events">> {
    const child = spawn("pulumi", args, { env, stdio: ["ignore", "pipe", "pipe"], detached: killsGroup });
    const killChild = () => kill(child, killsGroup);
    onStart(child);
    signal?.addEventListener("abort", killChild);
    if (signal?.aborted) {
        killChild();
    }
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
        printed.stdout += chunk.toString();
        report?.(chunk.toString());
    });
    child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
    const code = await new Promise<number>((resolve, reject) =>
        child
            .on("error", reject)
            .on("close", (status: number | null) => resolve(status ?? 1))
            // Child processes of a killed CLI may still hold its output open.
            .on("exit", (status: number | null) => signal?.aborted && resolve(status ?? 1)),
    );
    signal?.removeEventListener("abort", killChild);
    return { code, ...printed };
}

/** Kills a process, or its whole group. */
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
 * Settings of the state's backend. The CLI stores the selected stack by this exact address, so that it is defined only
 * here. Without metadata files, which a kill may leave empty beside the state.
 */
function stateEnvironment(directory: string): NodeJS.ProcessEnv {
    return {
        PULUMI_BACKEND_URL: `file://${directory}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "sandbox",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
}
