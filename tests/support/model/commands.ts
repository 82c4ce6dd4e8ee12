import { DeleteVolumeCommand } from "@aws-sdk/client-ec2";
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ec2Client } from "../../../sandbox/ec2/instances";
import { ec2Error, kubernetesError } from "../../../sandbox/faults";
import type { AccountSettings } from "../../../sandbox/ec2/account";
import type { Fault } from "../../../sandbox/faults";
import { volumesInState } from "../cluster/ledger";
import { accountChanges, change } from "./account";
import { applyChange, changes, hasPendingMove, ordinalsMoved } from "./changes";
import type { Change } from "./changes";
import { converged, ended, expectedRefusal, refused } from "./expectations";
import { Mistake, mistakes } from "./mistakes";
import { accepts, settle } from "./recovery";
import { upAtLast } from "./updates";
import { letters, ordinalOf, up } from "./world";
import type { Model, World } from "./world";

type Command = fc.AsyncCommand<Model, World>;

/** Adds or removes the node of a zone. */
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

/** Changes the config for the next update. */
class Configure implements Command {
    public constructor(private readonly change: Change) {}
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        await applyChange(model, world, this.change);
        await world.done(this.toString());
    }
    public toString(): string {
        return `configure ${JSON.stringify(this.change)}`;
    }
}

/** Changes the account's settings. */
class Account implements Command {
    public constructor(private readonly settings: Partial<AccountSettings>) {}
    public check(model: Model): boolean {
        return !hasPendingMove(model);
    }
    public async run(model: Model, world: World): Promise<void> {
        await change(model, world, this.settings);
        await world.done(this.toString());
    }
    public toString(): string {
        return `account ${JSON.stringify(this.settings)}`;
    }
}

/** `pulumi up`, after `recover` where the last one was interrupted. */
class Up implements Command {
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        const said = await settle(model, world);
        const refusal = said === undefined ? await expectedRefusal(model, world) : undefined;
        if (said !== undefined) {
            assert.ok(model.isInterrupted, said);
        } else if (refusal) {
            await refused(model, world, refusal);
        } else {
            const { code, text, steps } = await upAtLast(model, world);
            assert.equal(code, 0, text);
            await converged(model, world, steps);
            ended(model, true);
            Object.assign(model, { hasDrifted: false, mayLoseNewVolumes: world.takesVolumesBack });
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
        private readonly change: Change,
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
        if (!(await accepts(model, world, this.change))) {
            return;
        }
        const proxy = world.faulty[this.server];
        let { skip } = this;
        proxy.fail(this.fault, {
            times: this.times,
            // Half of the requests to the API server are reads that nothing depends on.
            matching: ({ path }) => !/openapi|version|watch=/.test(path) && skip-- <= 0,
        });
        // Requests would hang until a client gives up.
        const healed = setTimeout(() => proxy.heal(), 15_000);
        try {
            const met = proxy.faultCount;
            const { code } = await world.pulumi(model, up);
            world.faults += proxy.faultCount - met;
            ended(model, code === 0);
            await world.knowAll();
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

/** `kill -9` after some lines of an update's progress, or after a time if there are fewer. */
class UpKilled implements Command {
    public constructor(
        private readonly change: Change,
        private readonly lines: number,
        private readonly delayMs: number,
        private readonly killsGroup: boolean,
    ) {}
    public check(): boolean {
        return true;
    }
    public async run(model: Model, world: World): Promise<void> {
        if (!(await accepts(model, world, this.change))) {
            return;
        }
        const kill = new AbortController();
        let timer: NodeJS.Timeout | undefined;
        let seen = 0;
        const { code } = await world.pulumi(model, up, {
            kill: kill.signal,
            killsGroup: this.killsGroup,
            report: (text) => {
                seen += (text.match(/(creating|updating|deleting) \(/g) ?? []).length;
                timer ??= seen === 0 ? undefined : setTimeout(() => kill.abort(), this.delayMs);
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
        const what = this.killsGroup ? "with its child processes" : "alone";
        return `${JSON.stringify(this.change)}, up, killed ${what} after ${this.lines} lines of progress or ${this.delayMs} ms`;
    }
}

/** `kill -9` of `recover` and its child processes. */
class RecoverKilled implements Command {
    public constructor(private readonly delayMs: number) {}
    public check({ isInterrupted }: Model): boolean {
        return isInterrupted;
    }
    public async run(model: Model, world: World): Promise<void> {
        const kill = new AbortController();
        const timer = setTimeout(() => kill.abort(), this.delayMs);
        const { status } = await world.recover(model, kill.signal);
        clearTimeout(timer);
        world.recoveries.killed += status < 0 ? 1 : 0;
        await world.done(this.toString());
    }
    public toString(): string {
        return `recover, killed after ${this.delayMs} ms`;
    }
}

/** A change by other tools. */
class Drift implements Command {
    public constructor(
        private readonly what: "PersistentVolume deleted" | "PersistentVolume edited" | "volume deleted",
        private readonly position: number,
    ) {}
    public check(model: Model): boolean {
        const { applied, isInterrupted } = model;
        return applied !== undefined && applied.count > 0 && !isInterrupted && !hasPendingMove(model);
    }
    public async run(model: Model, world: World): Promise<void> {
        const moved = ordinalsMoved(model.settings);
        const all = await volumesInState(world.cli);
        const volumes = all.filter(({ name }) => !moved.includes(ordinalOf(name)));
        const volume = volumes[this.position % volumes.length];
        if (volume) {
            await this.change(world, `data-${ordinalOf(volume.name)}`, volume.id);
            model.hasDrifted = true;
        }
        await world.done(this.toString());
    }
    private async change(world: World, name: string, id: string): Promise<void> {
        const { core, ledger, servers } = world;
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
                world.giveUp([String(ordinalOf(name))]);
                await ec2Client(servers)
                    .send(new DeleteVolumeCommand({ VolumeId: id }))
                    .catch((error: unknown) => assert.equal((error as Error).name, "InvalidVolume.NotFound"));
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

/** A command that is skipped when the time is up. */
class Timed implements Command {
    public constructor(
        private readonly command: Command,
        private readonly isOver: () => boolean,
    ) {}
    public check(model: Model): boolean {
        return !this.isOver() && this.command.check(model);
    }
    public run(model: Model, world: World): Promise<void> {
        return this.command.run(model, world);
    }
    public toString(): string {
        return this.command.toString();
    }
}

/**
 * Random sequences of events.
 *
 * @param isOver - Ends a sequence early.
 * @param mostlyKills - Whether most events are kills and changes of the settings.
 */
export function sequences(
    maxCommands: number,
    isOver: () => boolean,
    mostlyKills: boolean,
): fc.Arbitrary<Iterable<Command>> {
    const up = fc.constant(new Up());
    const nodes = fc.tuple(fc.constantFrom(...letters), fc.boolean()).map((args) => new Nodes(...args));
    const configure = changes.map((change) => new Configure(change));
    const faulty = fc
        .tuple(changes, fc.constantFrom(...faults), fc.nat(12), fc.integer({ min: 1, max: 4 }))
        .map(
            ([change, [name, server, fault], skip, times]) =>
                new UpWithFault(change, server, fault, name, skip, times),
        );
    const killed = fc
        .tuple(changes, fc.nat(15), fc.integer({ min: 0, max: 3000 }), fc.boolean())
        .map((args) => new UpKilled(...args));
    const drift = fc
        .tuple(
            fc.constantFrom("PersistentVolume deleted", "PersistentVolume edited", "volume deleted" as const),
            fc.nat(5),
        )
        .map(([what, position]) => new Drift(what as "volume deleted", position));
    const refresh = fc.constant(new Refresh());
    const recoverKilled = fc.integer({ min: 4000, max: 25_000 }).map((delayMs) => new RecoverKilled(delayMs));
    const account = fc.constantFrom(...accountChanges).map((settings) => new Account(settings));
    const mistake = fc.constantFrom(...mistakes).map((kind) => new Mistake(kind));
    const weights: [number, fc.Arbitrary<Command>][] = [
        [4, up],
        [3, configure],
        [2, nodes],
        [mostlyKills ? 12 : 3, killed],
        [mostlyKills ? 2 : 1, recoverKilled],
        [2, faulty],
        [1, drift],
        [1, refresh],
        [2, account],
        [1, mistake],
    ];
    const all = weights.flatMap(([weight, command]) =>
        Array<fc.Arbitrary<Command>>(weight).fill(command.map((one) => new Timed(one, isOver))),
    );
    return fc.commands(all, { maxCommands, size: "max" });
}
