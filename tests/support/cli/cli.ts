import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";
import type { Context } from "mocha";
import assert from "node:assert/strict";
import { join } from "node:path";
import { jenkinsOnKops } from "../../../sandbox/accounts";
import type { Account } from "../../../sandbox/accounts";
import { describeEngine, standInProviders } from "../../../sandbox/engine";
import { PulumiCli } from "../../../sandbox/engine/cli";
import type { CommandOptions } from "../../../sandbox/engine/cli";
import { faultyServers } from "../../../sandbox/faults";
import type { FaultyServers } from "../../../sandbox/faults";
import type { Servers } from "../../../sandbox/servers";
import { noteEngine } from "../mocha/engineNotes";
import { project, stackConfig, startSandbox } from "../cluster/sandbox";
import type { Sandbox } from "../cluster/sandbox";
import { programHost, shareHost } from "./programHost";

/** A CLI with its sandbox. */
export interface CliSandbox {
    readonly servers: Servers;
    /** Proxies for the CLI's providers, which can make requests fail. */
    readonly faulty: FaultyServers;
    readonly cli: PulumiCli;
    /** A folder for a test's files. */
    readonly directory: string;
    readonly end: () => Promise<void>;
}

/** Version of the CLI. Skips the tests if there is none. */
export async function cliVersion(context: Context): Promise<string> {
    const version = await PulumiCli.version();
    if (version === undefined) {
        noteEngine(
            "no engine ran: there is no Pulumi CLI on the PATH or in $PULUMI_HOME/bin (~/.pulumi/bin)",
        );
        return context.skip();
    }
    return version;
}

/**
 * Factor for the time limits of tests with the real AWS provider, which waits ten seconds after each change of a volume
 * before it polls (terraform-provider-aws, internal/service/ec2/wait.go 5f2286d, read on 2026-11-27).
 */
const realProviderFactor = 5;

/** How to start the CLI. */
export interface CliOptions {
    /** Starts the sandbox. */
    readonly start?: (account?: Account) => Promise<Sandbox>;
    /** The program. */
    readonly main?: string;
    /**
     * Whether the programs of all commands run in one process, which takes a third of the time. CONTRIBUTING.md says
     * which tests may do so.
     */
    readonly sharesProcess?: boolean;
}

/** A stack of this project for the CLI, in a sandbox. Skips the tests if there is no CLI. */
export async function startCli(
    context: Context,
    { start = startSandbox, main = join(project, "index.ts"), sharesProcess = false }: CliOptions = {},
): Promise<CliSandbox> {
    const version = await cliVersion(context);
    const { servers, directory, end } = await start(jenkinsOnKops);
    const faulty = await faultyServers(servers, directory);
    const stack = {
        directory: project,
        main,
        project: "zonal-persistent-storage",
        stack: "test",
        config: {},
    };
    const { environment } = faulty.servers;
    const providers = standInProviders(faulty.servers);
    const host = sharesProcess ? programHost : undefined;
    const cli = await PulumiCli.start(stack, providers, directory, environment, { host });
    if (sharesProcess) {
        shareHost(cli);
    }
    noteEngine(`ran with ${describeEngine(version, cli.providers)}`);
    if (cli.providers["aws"]?.kind === "real") {
        const timed = context.test?.parent;
        timed?.eachTest((test) => test.timeout(test.timeout() * realProviderFactor));
    }
    return {
        servers,
        faulty,
        cli,
        directory,
        end: async () => {
            await cli.stop();
            faulty.close();
            await end();
        },
    };
}

/** Result of a command, with the engine's steps. */
export interface Outcome {
    readonly code: number;
    /** Standard output and standard error. */
    readonly text: string;
    /** Number of resources by operation; empty if the command failed. */
    readonly changes: OpMap;
    /** Steps, or a preview's planned steps, in EC2 and in the cluster: `update Volume data-0`. */
    readonly steps: readonly string[];
}

/** Runs a command of the CLI with these settings of the program. */
export async function runWith(
    cli: PulumiCli,
    settings: Readonly<Record<string, unknown>>,
    command: string[],
    options?: CommandOptions,
): Promise<Outcome> {
    await cli.configure(stackConfig(settings));
    const { code, stdout, stderr, events } = await cli.run(command, options);
    return {
        code,
        text: stdout + stderr,
        changes: events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
        steps: stepsIn(events),
    };
}

/** Steps in EC2 and in the cluster among the engine's events: `update Volume data-0`. */
export function stepsIn(events: readonly EngineEvent[]): string[] {
    const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
    return steps
        .filter(
            ({ op, type }) => !["same", "read", "refresh"].includes(op) && /^(aws|kubernetes):/.test(type),
        )
        .map(({ op, type, urn }) => `${op} ${type.split(":").at(-1)} ${urn.split("::").at(-1)}`)
        .sort();
}

/** Runs a command that has to succeed, and returns its steps. */
export async function mustRun(...run: Parameters<typeof runWith>): Promise<readonly string[]> {
    const { code, text, steps } = await runWith(...run);
    assert.equal(code, 0, text);
    return steps;
}
