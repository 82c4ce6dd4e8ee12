import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillAccount, jenkinsOnKops } from "../../../sandbox/accounts";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { until } from "../../../sandbox/until";
import { runWith } from "../cli/cli";
import type { CliSandbox } from "../cli/cli";
import { Ledger, volumesAmong } from "../cluster/ledger";
import type { Resource } from "../cluster/ledger";
import { runRecover } from "../tools/onStack";
import { stackConfig } from "../cluster/sandbox";
import { empty } from "../cluster/sharedCluster";
import { Contents } from "../cluster/contents";
import { Writes } from "./requests";
import type { Position } from "./requests";
import type { Scenario, Settings } from "./scenarios";

export const cluster = { name: "proyecto.k8s.local" };

/** Most commands that a failure may need until the stack is as its settings say. */
const most = 6;

/** How a command ended. */
interface Result {
    readonly code: number;
    readonly text: string;
}

/** One run of a scenario, from an empty account and cluster, in which one request fails. */
export class Trial {
    /** Commands that were run, from the one with the failure on. */
    public readonly commands: string[] = [];
    /** The requests of the first one that changed something. */
    public writes: readonly string[] = [];
    public readonly contents: Contents;
    private readonly ledger: Ledger;
    /** Volumes that the settings have let go. */
    private readonly released = new Set<string>();

    private after: Settings;

    private constructor(
        public readonly sandbox: CliSandbox,
        private readonly scenario: Scenario,
    ) {
        this.after = scenario.after;
        this.contents = new Contents(sandbox.servers);
        this.ledger = new Ledger(sandbox.servers, cluster.name);
    }

    /** Gets everything to where a scenario begins. */
    public static async start(sandbox: CliSandbox, scenario: Scenario, state: string): Promise<Trial> {
        const { servers, faulty, cli, directory } = sandbox;
        [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal());
        await Promise.all([
            fetch(`${servers.ec2Endpoint}/moto-api/reset`, { method: "POST" }),
            empty(servers),
            writeFile(stateFile(directory), state),
        ]);
        await fillAccount(servers, jenkinsOnKops);
        const trial = new Trial(sandbox, scenario);
        if (scenario.before) {
            const { code, text } = await runWith(cli, { cluster, ...scenario.before }, scenario.up);
            assert.equal(code, 0, text);
        }
        await trial.contents.follow();
        await trial.contents.write();
        trial.after = (await scenario.prepare?.(trial)) ?? scenario.after;
        await trial.contents.follow();
        await trial.ledger.check();
        return trial;
    }

    /** Runs the command of the scenario with a request that fails, or with none. */
    public async run(position?: Position): Promise<Result> {
        const writes = new Writes(this.sandbox.faulty, position);
        this.writes = writes.seen;
        try {
            return await this.pulumi(this.scenario.command, this.scenario.first ?? this.after);
        } finally {
            writes.end();
        }
    }

    /** Repeats the command, and does as its errors say, until it ends well and nothing is left to do. */
    public async converge(failed: Result): Promise<void> {
        const { command, first } = this.scenario;
        let result = first ? { code: 1, text: failed.text } : failed;
        while (result.code !== 0) {
            assert.ok(this.commands.length < most, `ends after ${most} commands:\n${this.said(result)}`);
            result = await this.goOn(result, command, this.after);
        }
        if (command[0] === "destroy") {
            const { resources = [] } = await this.state();
            assert.deepEqual(
                resources.map(({ urn }) => urn).filter((urn) => !/pulumi:(pulumi|providers):/.test(urn)),
                [],
            );
            assert.deepEqual([...(await this.contents.disks())], []);
            return;
        }
        const preview = await runWith(this.sandbox.cli, { cluster, ...this.after }, ["preview", "--refresh"]);
        assert.deepEqual(preview.steps, [], `nothing is left to do:\n${this.said(preview)}`);
        await this.scenario.afterwards?.(this);
        await until(() => this.allBound(), "all claims to be bound", 20);
    }

    public get core(): CoreV1Api {
        return kubeConfig(this.sandbox.servers).makeApiClient(CoreV1Api);
    }

    private async goOn({ text }: Result, command: string[], settings: Settings): Promise<Result> {
        const said = text.replace(/\s+/g, " ");
        if (/npx zonal-persistent-storage recover/.test(said)) {
            return this.step("recover", async () => {
                const { cli, faulty } = this.sandbox;
                await cli.configure(stackConfig({ cluster, ...settings }));
                const { status, stdout, stderr } = await runRecover(cli, faulty.servers, ["--yes"]);
                // Nothing was interrupted: the same command is what is left.
                return /nothing was interrupted/.test(stderr)
                    ? { code: 1, text: "" }
                    : { code: status, text: stdout + stderr };
            });
        }
        // The command fails where the PersistentVolume isn't Released.
        for (const [, name = "", patch = ""] of said.matchAll(
            /kubectl patch pv\/(\S+) --type=json --patch='([^']+)'/g,
        )) {
            await this.core
                .patchPersistentVolume({ name, body: JSON.parse(patch) as object })
                .catch(() => undefined);
        }
        const [, onto = "", snapshotId = ""] =
            /is on (vol-\w+) by now .* in the place of from must be "(snap-\w+)"/.exec(said) ?? [];
        if ([...(await this.contents.disks()).values()].includes(onto)) {
            const moved = JSON.stringify(settings).replace(
                '"from":"NewSnapshot"',
                `"snapshotId":"${snapshotId}"`,
            );
            this.after = JSON.parse(moved) as Settings;
            return this.pulumi(command, this.after);
        }
        for (const [, force, urn = ""] of said.matchAll(/pulumi state delete (--force )?'([^']+)'/g)) {
            await this.sandbox.cli.run(["state", "delete", urn, "--yes", ...(force ? ["--force"] : [])]);
        }
        // docs/volumes.md, "An update was interrupted": of a deletion the engine tells no hook, which could say so.
        const isGone = /deleting (failed|urn:)/.test(said);
        const refreshes = isGone || /pulumi up --refresh/.test(said) ? ["--refresh"] : [];
        return this.pulumi([...command, ...refreshes], settings);
    }

    private pulumi(command: string[], settings: Settings): Promise<Result> {
        return this.step(command.filter((word) => !/^--(yes|skip)/.test(word)).join(" "), () =>
            runWith(this.sandbox.cli, { cluster, ...settings }, command),
        );
    }

    /** A command, and what holds after each one. */
    private async step(name: string, run: () => Promise<Result>): Promise<Result> {
        const began = Date.now();
        const { resources } = await this.state();
        const goes = volumesAmong(resources).filter((volume) => !this.scenario.keeps(volume.name));
        goes.forEach(({ id }) => this.released.add(id));
        this.ledger.letGo(goes.filter(({ isExpendable }) => isExpendable));
        const result = await run();
        this.commands.push(`${name} (${Math.round((Date.now() - began) / 1000)} s)`);
        try {
            await this.check();
        } catch (error) {
            throw new Error(`${String(error)}\n${this.said(result)}`);
        }
        await this.contents.write();
        return result;
    }

    private async check(): Promise<void> {
        await this.contents.follow();
        await this.ledger.check();
        await this.contents.check(this.scenario.mayGetOlder ?? false);
        const state = JSON.stringify(await this.state());
        const disks = [...(await this.contents.disks()).values()];
        const lost = this.contents
            .used()
            .filter((id) => !this.released.has(id) && !disks.includes(id) && !state.includes(id));
        assert.deepEqual(lost, [], "volumes with data to which nothing points");
    }

    private async state(): Promise<{ readonly resources?: readonly Resource[] }> {
        const { checkpoint } = JSON.parse(await readState(this.sandbox)) as {
            checkpoint: { latest?: { resources?: Resource[] } };
        };
        return checkpoint.latest ?? {};
    }

    private async allBound(): Promise<true | undefined> {
        const { items } = await this.core.listPersistentVolumeClaimForAllNamespaces();
        return items.every(({ status }) => status?.phase === "Bound") || undefined;
    }

    private said({ code, text }: Result): string {
        return `${this.commands.join(", ")} (${code}):\n${text}`;
    }
}

/** The stack's state, as its backend has it. */
export function readState({ directory }: CliSandbox): Promise<string> {
    return readFile(stateFile(directory), "utf8");
}

function stateFile(directory: string): string {
    return join(directory, "state", ".pulumi", "stacks", "zonal-persistent-storage", "test.json");
}
