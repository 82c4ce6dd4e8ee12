import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { resetAccount } from "../../../sandbox/ec2/account";
import { ec2Client, startInstances } from "../../../sandbox/ec2/instances";
import type { PulumiCli } from "../../../sandbox/engine/cli";
import type { FaultyServers } from "../../../sandbox/faults";
import type { Servers } from "../../../sandbox/servers";
import { runWith } from "../cli/cli";
import type { Outcome } from "../cli/cli";
import { volumesInState } from "../cluster/ledger";
import type { Ledger, StateVolume } from "../cluster/ledger";
import { runRecover } from "../tools/onStack";
import type { Ended } from "../tools/run";
import { Contents } from "../cluster/contents";
import { stackConfig } from "../cluster/sandbox";

/** Letters of the zones that nodes may run in. */
export const letters = ["a", "b", "c"] as const;

/** Name of the zone with a letter. */
export const zoneNamed = (letter: string) => `eu-west-1${letter}`;

/** The update. */
export const up = ["up", "--yes", "--skip-preview"];

/** Names that the storage may have; all others are its former names. Its resources in the cluster keep the first. */
export const storageNames = ["data", "registry", "cache"] as const;

/** A move of a disk to a zone, from a new snapshot or, after a failure, from the one that its message names. */
export interface Move {
    readonly zone: string;
    readonly from?: "NewSnapshot";
    readonly snapshotId?: string;
}

/** Settings of the stack's storage that the model changes. */
export interface Settings {
    readonly name: (typeof storageNames)[number];
    readonly count: number;
    readonly sizeGiB: number;
    readonly type: "gp2" | "gp3";
    readonly iops?: number;
    readonly encrypted?: boolean;
    readonly label: string;
    readonly tag: string;
    readonly protect: boolean;
    readonly deletionPolicy: "Retain" | "Snapshot" | "Delete";
    /** Ids of deleted volumes that were accepted as lost, by ordinal. */
    readonly lost?: Readonly<Record<string, string>>;
    /** Moves by ordinal. */
    readonly moves: Readonly<Record<string, readonly Move[]>>;
    /** Whether claims are reserved for a StatefulSet. */
    readonly hasClaims: boolean;
}

/** Ordinal of a volume, by its name in the state: 2 of `registry-2-moved-1`. */
export function ordinalOf(name: string): number {
    return Number(/^[a-z]+-(\d+)/.exec(name)?.[1]);
}

/** The expected state of the stack. */
export interface Model {
    settings: Settings;
    /** Settings of the last successful update. */
    applied: Settings | undefined;
    /** Letters of the zones that nodes run in. */
    readonly zones: Set<string>;
    /** Whether other tools have changed resources. */
    hasDrifted: boolean;
    /** Whether the state may have volumes that EC2 has deleted since it can't use their key. */
    mayLoseNewVolumes: boolean;
    /** Whether the last update was interrupted, or failed half way. */
    isInterrupted: boolean;
}

/** The servers and the stack that the model is compared with. */
export class World {
    public steps = 0;
    public kills = 0;
    public faults = 0;
    /** Updates that EC2 refused, and that succeeded after their advice was followed. */
    public refusals = 0;
    /** EC2 can't use the key of volumes, and takes back those that it makes. */
    public takesVolumesBack = false;
    /** EC2 encrypts volumes whatever is asked for. */
    public encryptsByDefault = false;
    public readonly recoveries = { ended: 0, refused: 0, killed: 0, takenBack: 0, listed: 0, forced: 0 };
    /** Known volumes outside the state: released by the stack, or listed by recover. */
    private readonly known = new Set<string>();
    private readonly nodes = new Map<string, string>();
    /** The data on the disks. */
    private readonly contents: Contents;

    public constructor(
        public readonly servers: Servers,
        public readonly faulty: FaultyServers,
        public readonly cli: PulumiCli,
        public readonly ledger: Ledger,
        private readonly cluster: string,
        private readonly report: (line: string) => void,
    ) {
        this.contents = new Contents(servers);
    }

    /** Runs a command with the model's settings. No volume may be replaced. */
    public async pulumi(
        { settings }: Model,
        command: string[],
        options?: Parameters<typeof runWith>[3],
    ): Promise<Outcome> {
        const before = await this.letGo(settings, command[0] === "destroy");
        const outcome = await runWith(this.cli, this.config(settings), command, options);
        await this.release(before);
        const replaced = outcome.steps.filter((step) => /replace.* Volume /.test(step));
        assert.deepEqual(replaced, [], "no volume is ever replaced");
        return outcome;
    }

    /** Runs `recover` with the model's settings. Every volume must be in the state or listed. */
    public async recover({ settings }: Model, kill?: AbortSignal): Promise<Ended> {
        await this.cli.configure(stackConfig(this.config(settings)));
        const before = await this.letGo(settings, false);
        const ended = await runRecover(this.cli, this.faulty.servers, ["--yes"], { kill });
        if (kill?.aborted) {
            return ended;
        }
        await this.release(before);
        [...ended.stdout.matchAll(/^volume (vol-\w+) was made for/gm)].forEach(([, id]) =>
            this.known.add(id!),
        );
        if (ended.status === 0) {
            for (const [, name = ""] of ended.stdout.matchAll(/kubectl delete persistentvolume\/(\S+)$/gm)) {
                await this.core.deletePersistentVolume({ name });
            }
            const inState = (await volumesInState(this.cli)).map(({ id }) => id);
            const unknown = [...(await this.ledger.check()).keys()].filter(
                (id) => !inState.includes(id) && !this.known.has(id),
            );
            assert.deepEqual(unknown, [], `volumes outside the state that are not listed: ${ended.stdout}`);
        }
        return ended;
    }

    /** Marks all volumes as known: a fault may leave volumes without an interruption to recover from. */
    public async knowAll(): Promise<void> {
        [...(await this.ledger.check()).keys()].forEach((id) => this.known.add(id));
    }

    /** The program's config. */
    public config(settings: Settings): Record<string, unknown> {
        const { name, sizeGiB, type, iops, encrypted, tag, label, lost = {}, moves, hasClaims } = settings;
        const { count, protect, deletionPolicy } = settings;
        const ordinals = Array.from({ length: count }, (_, ordinal) => String(ordinal));
        const storage = {
            ...{ count, protect, deletionPolicy },
            aliases: storageNames.filter((one) => one !== name),
            overrides: Object.fromEntries(
                ordinals
                    .filter((ordinal) => lost[ordinal] !== undefined || moves[ordinal] !== undefined)
                    .map((ordinal) => [ordinal, { lostVolumeId: lost[ordinal], moves: moves[ordinal] }]),
            ),
            volume: { sizeGiB, type, iops, encrypted, tags: { tag } },
            persistentVolume: { namePrefix: "data", labels: { label } },
            storageClass: { name: "data" },
            claims: hasClaims ? { statefulSet: "web", template: "www" } : undefined,
        };
        return { cluster: { name: this.cluster }, storages: { [name]: storage } };
    }

    /** Volumes that an update with these settings may delete. */
    private async letGo({ count }: Settings, isDestroyed: boolean): Promise<StateVolume[]> {
        const before = await volumesInState(this.cli);
        const first = isDestroyed ? 0 : count;
        const goes = before.filter(({ name }) => ordinalOf(name) >= first);
        this.ledger.letGo(goes.filter(({ isExpendable }) => isExpendable));
        this.contents.forget((disk) => ordinalOf(disk) >= first);
        return before;
    }

    private async release(before: readonly StateVolume[]): Promise<void> {
        const now = (await volumesInState(this.cli)).map(({ id }) => id);
        before.filter(({ id }) => !now.includes(id)).forEach(({ id }) => this.known.add(id));
    }

    /** The volume of each PersistentVolume. */
    public disks(): Promise<ReadonlyMap<string, string>> {
        return this.contents.disks();
    }

    /** Accepts that the data of disks are lost. */
    public giveUp(ordinals: readonly string[]): void {
        this.contents.forget((disk) => ordinals.includes(String(ordinalOf(disk))));
    }

    /** An empty stack, and nodes in two zones. */
    public async start(): Promise<Model> {
        for (const letter of letters.filter((one) => this.nodes.has(one) !== (one !== "a"))) {
            await (letter === "a" ? this.removeNode(letter) : this.addNode(letter));
        }
        await resetAccount(this.servers);
        this.takesVolumesBack = false;
        this.encryptsByDefault = false;
        this.report("a new stack");
        return {
            settings: {
                name: "data",
                moves: {},
                hasClaims: false,
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
            mayLoseNewVolumes: false,
            isInterrupted: false,
        };
    }

    /** Ends a step, and checks the account and the data. Then pods write to all disks. */
    public async done(what: string): Promise<void> {
        this.steps++;
        this.report(what);
        await this.ledger.check();
        await this.contents.follow();
        await this.contents.check(false);
        await this.contents.write();
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
