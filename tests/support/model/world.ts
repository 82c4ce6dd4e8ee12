import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client, startInstances } from "../../../sandbox/ec2/instances";
import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { FaultyServers } from "../../../sandbox/faults";
import type { Servers } from "../../../sandbox/servers";
import { runWith } from "../cli";
import type { Outcome } from "../cli";
import { volumesInState } from "../ledger";
import type { Ledger } from "../ledger";

/** Letters of the zones that nodes may run in. */
export const letters = ["a", "b", "c"] as const;

/** Name of the zone with a letter. */
export const zoneNamed = (letter: string) => `eu-west-1${letter}`;

/** The command that counts. */
export const up = ["up", "--yes", "--skip-preview"];

/** What the stack's config says of its one storage, as far as the model changes it. */
export interface Settings {
    readonly count: number;
    readonly sizeGiB: number;
    readonly type: "gp2" | "gp3";
    readonly iops?: number;
    readonly label: string;
    readonly tag: string;
    readonly protect: boolean;
    readonly deletionPolicy: "Retain" | "Snapshot" | "Delete";
}

/** What the model knows. */
export interface Model {
    settings: Settings;
    /** Settings of the last update that ended well. */
    applied: Settings | undefined;
    /** Letters of the zones that nodes run in. */
    readonly zones: Set<string>;
    /** Something was changed behind the stack's back. */
    hasDrifted: boolean;
    /** The last update was interrupted, or failed half way. */
    isInterrupted: boolean;
    /** And no other has ended well since. */
    hasLeftovers: boolean;
}

/** Everything that the model is compared with. */
export class World {
    public steps = 0;
    public kills = 0;
    public faults = 0;
    private readonly nodes = new Map<string, string>();

    public constructor(
        public readonly servers: Servers,
        public readonly faulty: FaultyServers,
        public readonly cli: PulumiCli,
        public readonly ledger: Ledger,
        private readonly cluster: string,
        private readonly report: (line: string) => void,
    ) {}

    /** Runs a command with the model's settings, and holds the account to what it held before. */
    public async pulumi(
        { settings }: Model,
        command: string[],
        options?: Parameters<typeof runWith>[3],
    ): Promise<Outcome> {
        const { sizeGiB, type, iops, tag, label, ...others } = settings;
        const data = {
            ...others,
            volume: { sizeGiB, type, iops, tags: { tag } },
            persistentVolume: { labels: { label } },
        };
        const before = await volumesInState(this.cli);
        const names = Array.from({ length: settings.count }, (_, ordinal) => `data-${ordinal}`);
        const goes = command[0] === "destroy" ? before : before.filter(({ name }) => !names.includes(name));
        this.ledger.letGo(goes.filter(({ isExpendable }) => isExpendable));
        const outcome = await runWith(
            this.cli,
            { cluster: { name: this.cluster }, storages: { data } },
            command,
            options,
        );
        const replaced = outcome.steps.filter((step) => /replace.* Volume /.test(step));
        assert.deepEqual(replaced, [], "no volume is ever replaced");
        return outcome;
    }

    /** An empty stack, and nodes in two zones. */
    public async start(): Promise<Model> {
        for (const letter of letters.filter((one) => this.nodes.has(one) !== (one !== "a"))) {
            await (letter === "a" ? this.removeNode(letter) : this.addNode(letter));
        }
        this.report("a new stack");
        return {
            settings: {
                count: 2,
                sizeGiB: 10,
                type: "gp3",
                label: "x",
                tag: "x",
                protect: true,
                deletionPolicy: "Retain",
            },
            applied: undefined,
            zones: new Set(this.nodes.keys()),
            hasDrifted: false,
            isInterrupted: false,
            hasLeftovers: false,
        };
    }

    /** Destroys the stack, which nothing may stand in the way of once it isn't protected any more. */
    public async end(model: Model): Promise<void> {
        if (model.zones.size === 0) {
            await this.addNode("b");
        }
        model.settings = { ...model.settings, count: 6, sizeGiB: 40 };
        await settle(model, this);
        const last = await upAtLast(model, this);
        assert.equal(last.code, 0, last.text);
        await this.cli.run(["state", "unprotect", "--all", "--yes"]);
        const { code, text } = await this.pulumi(model, ["destroy", "--yes", "--skip-preview"]);
        assert.equal(code, 0, text);
        await this.done("destroy");
        assert.deepEqual((await this.core.listPersistentVolume()).items, []);
    }

    /** Ends a step. */
    public async done(what: string): Promise<void> {
        this.steps++;
        this.report(what);
        await this.ledger.check();
    }

    public async addNode(letter: string): Promise<void> {
        const zone = zoneNamed(letter);
        const [node] = await startInstances(this.servers, [{ cluster: this.cluster, role: "node", zone }]);
        this.nodes.set(letter, node!.id);
    }

    public async removeNode(letter: string): Promise<void> {
        const InstanceIds = [this.nodes.get(letter)!];
        await ec2Client(this.servers).send(new TerminateInstancesCommand({ InstanceIds }));
        this.nodes.delete(letter);
    }

    public get core(): CoreV1Api {
        return kubeConfig(this.servers).makeApiClient(CoreV1Api);
    }
}

/** What docs/volumes.md says about interrupted updates, up to the next `up`. */
export async function settle(model: Model, world: World): Promise<void> {
    if (model.isInterrupted) {
        await world.cli.run(["cancel", "--yes"]);
        const refresh = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
        const { code, text } = await world.pulumi(model, refresh);
        assert.equal(code, 0, text);
        model.isInterrupted = false;
    }
}

/** An update that nothing disturbs, in the way that docs/volumes.md gives where one before it was. */
export async function upAtLast(model: Model, world: World): Promise<Outcome> {
    const command = [...up, ...(model.hasDrifted ? ["--refresh"] : [])];
    const outcome = await world.pulumi(model, command, { environment: environment(model) });
    return model.hasLeftovers && /conflict with "pulumi-kubernetes"/.test(outcome.text)
        ? world.pulumi(model, command, {
              environment: { ...environment(model), PULUMI_K8S_ENABLE_PATCH_FORCE: "true" },
          })
        : outcome;
}

/** The environment of the first `up` after an interrupted one. */
export function environment({ hasLeftovers }: Model): NodeJS.ProcessEnv {
    return hasLeftovers ? { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" } : {};
}
