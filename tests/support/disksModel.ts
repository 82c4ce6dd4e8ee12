import { DeleteVolumeCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import fc from "fast-check";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client, startInstances } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error, kubernetesError } from "../../sandbox/faults";
import type { Fault, FaultyServers } from "../../sandbox/faults";
import type { Servers } from "../../sandbox/servers";
import { runWith } from "./cli";
import type { Outcome } from "./cli";
import { volumesInState } from "./ledger";
import type { Ledger, StateVolume } from "./ledger";

const letters = ["a", "b", "c"] as const;
const zoneNamed = (letter: string) => `eu-west-1${letter}`;

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
        const command = [...up, ...(model.hasDrifted ? ["--refresh"] : [])];
        const last = await this.pulumi(model, command, { environment: environment(model) });
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

type Command = fc.AsyncCommand<Model, World>;

const up = ["up", "--yes", "--skip-preview"];

/** Nodes come and go. */
class Nodes implements Command {
    public constructor(
        private readonly letter: string,
        private readonly come: boolean,
    ) {}
    public check({ zones }: Model): boolean {
        return zones.has(this.letter) !== this.come;
    }
    public async run({ zones }: Model, world: World): Promise<void> {
        if (this.come) {
            await world.addNode(this.letter);
            zones.add(this.letter);
        } else {
            await world.removeNode(this.letter);
            zones.delete(this.letter);
        }
        await world.done(this.toString());
    }
    public toString(): string {
        return `nodes ${this.come ? "come to" : "leave"} zone ${this.letter}`;
    }
}

/** Another config, which counts from the next update on. */
class Configure implements Command {
    public constructor(private readonly change: Partial<Settings>) {}
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        model.settings = { ...model.settings, ...this.change };
        await world.done(this.toString());
    }
    public toString(): string {
        return `configure ${JSON.stringify(this.change)}`;
    }
}

/** `pulumi up`, after the documented way out where the last one was interrupted. */
class Up implements Command {
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        await settle(model, world);
        const refusal = await expectedRefusal(model, world);
        if (refusal) {
            await refused(model, world, refusal);
        } else {
            const command = [...up, ...(model.hasDrifted ? ["--refresh"] : [])];
            const { code, text, steps } = await world.pulumi(model, command, {
                environment: environment(model),
            });
            assert.equal(code, 0, text);
            await converged(model, world, steps);
            ended(model, true);
            model.hasDrifted = false;
        }
        await world.done(this.toString());
    }
    public toString(): string {
        return "up";
    }
}

/** `pulumi up` while servers fail. It may fail itself. */
class UpWithFault implements Command {
    public constructor(
        private readonly change: Partial<Settings>,
        private readonly server: "ec2" | "kubernetes",
        private readonly fault: Fault,
        private readonly name: string,
        private readonly skip: number,
        private readonly times: number,
    ) {}
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        model.settings = { ...model.settings, ...this.change };
        await settle(model, world);
        if (await expectedRefusal(model, world)) {
            return;
        }
        const proxy = world.faulty[this.server];
        let { skip } = this;
        proxy.fail(this.fault, {
            times: this.times,
            // Reads that nothing depends on are half of what the API server hears.
            matching: ({ path }) => !/openapi|version|watch=/.test(path) && skip-- <= 0,
        });
        // What hangs, hangs until somebody gives up.
        const healed = setTimeout(() => proxy.heal(), 15_000);
        try {
            const met = proxy.met;
            const { code } = await world.pulumi(model, up, { environment: environment(model) });
            world.faults += proxy.met - met;
            ended(model, code === 0);
        } finally {
            clearTimeout(healed);
            proxy.heal();
        }
        await world.done(this.toString());
    }
    public toString(): string {
        return `${JSON.stringify(this.change)}, up while ${this.server} answers ${this.name}, ${this.times} times after ${this.skip}`;
    }
}

/** `kill -9` of the CLI, so many lines of progress into an update, or after a time if there are fewer. */
class UpKilled implements Command {
    public constructor(
        private readonly change: Partial<Settings>,
        private readonly lines: number,
        private readonly patienceMs: number,
    ) {}
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        model.settings = { ...model.settings, ...this.change };
        await settle(model, world);
        if (await expectedRefusal(model, world)) {
            return;
        }
        const kill = new AbortController();
        const timer = setTimeout(() => kill.abort(), this.patienceMs);
        let seen = 0;
        const { code } = await world.pulumi(model, up, {
            environment: environment(model),
            kill: kill.signal,
            report: (text) => {
                seen += (text.match(/(creating|updating|deleting) \(/g) ?? []).length;
                if (seen > this.lines) {
                    kill.abort();
                }
            },
        });
        clearTimeout(timer);
        world.kills += code === 0 ? 0 : 1;
        ended(model, code === 0);
        await world.done(this.toString());
    }
    public toString(): string {
        return `${JSON.stringify(this.change)}, up, killed after ${this.lines} lines of progress or ${this.patienceMs} ms`;
    }
}

/** Somebody changes something with other tools. */
class Drift implements Command {
    public constructor(
        private readonly what: "PersistentVolume deleted" | "PersistentVolume edited" | "volume deleted",
        private readonly position: number,
    ) {}
    public check({ applied, isInterrupted }: Model): boolean {
        return applied !== undefined && applied.count > 0 && !isInterrupted;
    }
    public async run(model: Model, world: World): Promise<void> {
        const volumes = await volumesInState(world.cli);
        const volume = volumes[this.position % volumes.length];
        if (volume) {
            await this.change(world, volume.name, volume.id);
            model.hasDrifted = true;
        }
        await world.done(this.toString());
    }
    private async change({ core, ledger, servers }: World, name: string, id: string): Promise<void> {
        switch (this.what) {
            case "PersistentVolume deleted":
                await core.deletePersistentVolume({ name }).catch(() => undefined);
                break;
            case "PersistentVolume edited":
                await core
                    .patchPersistentVolume(
                        { name, body: { metadata: { labels: { theirs: "too" } } } },
                        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
                    )
                    .catch(() => undefined);
                break;
            case "volume deleted":
                ledger.letGo([{ id, takesSnapshot: false }]);
                await ec2Client(servers).send(new DeleteVolumeCommand({ VolumeId: id }));
        }
    }
    public toString(): string {
        return this.what;
    }
}

class Refresh implements Command {
    public check({ isInterrupted }: Model): boolean {
        return !isInterrupted;
    }
    public async run(model: Model, world: World): Promise<void> {
        const { code, text } = await world.pulumi(model, ["refresh", "--yes", "--skip-preview"]);
        assert.equal(code, 0, text);
        await world.done(this.toString());
    }
    public toString(): string {
        return "refresh";
    }
}

/** Why the next update must be refused, if it must. */
async function expectedRefusal(model: Model, world: World): Promise<RegExp | undefined> {
    const { settings, zones } = model;
    if (zones.size === 0) {
        return /no node of the cluster/;
    }
    const volumes = await volumesInState(world.cli);
    const isExcess = ({ name }: StateVolume) => Number(name.replace("data-", "")) >= settings.count;
    // The one that the engine comes to first.
    if (volumes.some((volume) => !isExcess(volume) && volume.sizeGiB > settings.sizeGiB)) {
        return /can't shrink/;
    }
    const isHeld = volumes.some((volume) => isExcess(volume) && volume.isProtected);
    return isHeld ? /cannot be deleted\s+because it is protected/ : undefined;
}

/** A preview says no, and nothing is touched. */
async function refused(model: Model, world: World, message: RegExp): Promise<void> {
    const before = await world.ledger.check();
    const { code, text } = await world.pulumi(model, ["preview"]);
    assert.notEqual(code, 0, text);
    assert.match(text, message);
    assert.deepEqual(await world.ledger.check(), before);
}

/** What docs/volumes.md says about interrupted updates, up to the next `up`. */
async function settle(model: Model, world: World): Promise<void> {
    if (model.isInterrupted) {
        await world.cli.run(["cancel", "--yes"]);
        const refresh = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
        const { code, text } = await world.pulumi(model, refresh);
        assert.equal(code, 0, text);
        model.isInterrupted = false;
    }
}

/** What the model makes of the end of an update. */
function ended(model: Model, well: boolean): void {
    if (well) {
        model.applied = model.settings;
    }
    model.isInterrupted = !well;
    model.hasLeftovers = !well;
}

/** The environment of the first `up` after an interrupted one. */
function environment({ hasLeftovers }: Model): NodeJS.ProcessEnv {
    return hasLeftovers ? { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" } : {};
}

/** The same command again finds nothing to do, and every ordinal has its disk. */
async function converged(model: Model, world: World, steps: readonly string[]): Promise<void> {
    const zones = [...model.zones].sort().map(zoneNamed);
    const volumes = await volumesInState(world.cli);
    const expected = Array.from({ length: model.settings.count }, (_, ordinal) => `data-${ordinal}`);
    assert.deepEqual(volumes.map(({ name }) => name).sort(), expected.sort());
    const present = await world.ledger.check();
    for (const { id, name, zone } of volumes) {
        assert.equal(present.get(id), name, `${id} is the volume of ${name}`);
        if (steps.includes(`create Volume ${name}`)) {
            assert.equal(zone, zones[Number(name.replace("data-", "")) % zones.length]);
        }
    }
    const { items } = await world.core.listPersistentVolume();
    const names = items.map(({ metadata, spec }) => [metadata?.name, spec?.csi?.volumeHandle]);
    assert.deepEqual(names.sort(), volumes.map(({ name, id }) => [name, id]).sort());
}

const faults: [string, "ec2" | "kubernetes", Fault][] = [
    ["RequestLimitExceeded", "ec2", ec2Error(503, "RequestLimitExceeded")],
    ["500", "ec2", ec2Error(500, "InternalError")],
    ["503", "ec2", ec2Error(503, "Unavailable")],
    ["UnauthorizedOperation", "ec2", ec2Error(403, "UnauthorizedOperation")],
    ["nothing", "ec2", "hang"],
    ["with a cut connection", "ec2", "cut before"],
    ["with a connection cut after the deed", "ec2", "cut after"],
    ["429", "kubernetes", kubernetesError(429, "TooManyRequests")],
    ["500", "kubernetes", kubernetesError(500, "InternalError")],
    ["with a cut connection", "kubernetes", "cut before"],
    ["with a connection cut after the deed", "kubernetes", "cut after"],
];

/** Sequences of everything that may happen to a stack. */
export function sequences(maxCommands: number): fc.Arbitrary<Iterable<Command>> {
    const up = fc.constant(new Up());
    const nodes = fc.tuple(fc.constantFrom(...letters), fc.boolean()).map((args) => new Nodes(...args));
    const changes = fc.oneof(
        fc.integer({ min: 1, max: 6 }).map((count) => ({ count })),
        fc.integer({ min: 10, max: 40 }).map((sizeGiB) => ({ sizeGiB })),
        fc.constantFrom<Partial<Settings>>(
            { type: "gp3", iops: undefined },
            { type: "gp3", iops: 4000 },
            { type: "gp2", iops: undefined },
            { protect: true },
            { protect: false },
            { deletionPolicy: "Retain" },
            { deletionPolicy: "Snapshot" },
            { deletionPolicy: "Delete" },
        ),
        fc.constantFrom("x", "y").map((label) => ({ label })),
        fc.constantFrom("x", "y").map((tag) => ({ tag })),
    );
    const configure = changes.map((change) => new Configure(change));
    const faulty = fc
        .tuple(changes, fc.constantFrom(...faults), fc.nat(12), fc.integer({ min: 1, max: 4 }))
        .map(
            ([change, [name, server, fault], skip, times]) =>
                new UpWithFault(change, server, fault, name, skip, times),
        );
    const killed = fc
        .tuple(changes, fc.nat(15), fc.integer({ min: 2000, max: 6000 }))
        .map((args) => new UpKilled(...args));
    const drift = fc
        .tuple(
            fc.constantFrom("PersistentVolume deleted", "PersistentVolume edited", "volume deleted" as const),
            fc.nat(5),
        )
        .map(([what, position]) => new Drift(what as "volume deleted", position));
    const refresh = fc.constant(new Refresh());
    const weights: [number, fc.Arbitrary<Command>][] = [
        [4, up],
        [3, configure],
        [2, nodes],
        [3, killed],
        [2, faulty],
        [1, drift],
        [1, refresh],
    ];
    const all = weights.flatMap(([weight, command]) => Array<fc.Arbitrary<Command>>(weight).fill(command));
    return fc.commands(all, { maxCommands, size: "max" });
}
