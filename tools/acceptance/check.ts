import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import type { VolumeRecord } from "../../components";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { runOf } from "./account";
import type { Options } from "./arguments";
import type { Place } from "./leftovers";
import { errorIn } from "./pulumi";
import type { CommandResult, Pulumi } from "./pulumi";
import { stackConfig, storageNames } from "./settings";
import type { Progress } from "./settings";
import { until } from "./until";

/** A step of a run. */
export interface Step {
    readonly name: string;
    readonly expected: string;
    /** Whether the steps after it make no sense without it. */
    readonly isVital?: boolean;
    /**
     * @returns the observation, if it is as expected.
     * @throws Error with an observation that isn't.
     */
    readonly run: (check: Check) => Promise<string | Observation>;
}

/** An observation that may cover only a part of the step. */
export interface Observation {
    readonly seen: string;
    readonly isPart: boolean;
}

type Storages = Readonly<Record<string, { zones: string[]; volumes: VolumeRecord[] }>>;

/** Modifying a small volume usually takes minutes; by EC2's documentation it can take more than a day. */
const modificationSeconds = 20 * 60;

/** A run: its tools, its stack and its progress. */
export class Check {
    public readonly names;
    private progress: Progress = {};
    private storages: Storages = {};

    public constructor(
        public readonly options: Options,
        public readonly run: string,
        public readonly pulumi: Pulumi,
        public readonly place: Place,
        public readonly signal: AbortSignal,
    ) {
        this.names = storageNames(run);
    }

    /** Zone that the disk was moved to. */
    public get movedTo(): string | undefined {
        return this.progress.moved?.zone;
    }

    /** `pulumi up` with more progress. Later steps don't repeat settings of an update that failed. */
    public async up(more: Progress = {}): Promise<void> {
        const wanted = { ...this.progress, ...more };
        const { code, text } = await this.pulumiWith(wanted, ["up", "--yes", "--skip-preview"]);
        if (code !== 0) {
            throw new Error(`pulumi up failed: ${errorIn(text)}`);
        }
        this.progress = wanted;
        this.storages = (await this.pulumi.output("storages")) as Storages;
    }

    /** A command with the config as it is, or with other settings of the storage with three disks. */
    public async pulumiWith(
        progress: Progress,
        command: readonly string[],
        overrides?: object,
    ): Promise<CommandResult> {
        const config = stackConfig(this.options, this.run, this.place.cluster.context, progress);
        const key = "zonal-persistent-storage:storages";
        const storages = config[key] as Record<string, object>;
        const three = { ...storages[this.names.deleted], ...(overrides && { overrides }) };
        await this.pulumi.configure({ ...config, [key]: { ...storages, [this.names.deleted]: three } });
        return this.pulumi.run(command);
    }

    /** A command with the config of the last successful update. */
    public pulumiAsIs(command: readonly string[], overrides?: object): Promise<CommandResult> {
        return this.pulumiWith(this.progress, command, overrides);
    }

    /** Zones of a storage, from the stack's outputs. */
    public zones(storage: string): string[] {
        return this.storages[storage]?.zones ?? [];
    }

    /** Disks of a storage, from the stack's outputs. */
    public disks(storage: string): readonly VolumeRecord[] {
        return this.storages[storage]?.volumes ?? [];
    }

    public disk(storage: string, ordinal: number): VolumeRecord {
        const disk = this.disks(storage).find((one) => one.ordinal === ordinal);
        if (!disk) {
            throw new Error(`no disk ${ordinal} of storage ${storage}: an earlier step failed`);
        }
        return disk;
    }

    /** A volume, from EC2. */
    public async volume(id: string): Promise<Volume> {
        const volume = await this.place.account.volume(id);
        if (!volume) {
            throw new Error(`volume ${id} isn't in EC2`);
        }
        return volume;
    }

    /** The run's snapshots of a volume. */
    public async snapshotsOf(volumeId: string): Promise<Snapshot[]> {
        const snapshots = await this.place.account.taggedSnapshots();
        return snapshots.filter(({ VolumeId, Tags }) => VolumeId === volumeId && runOf(Tags) === this.run);
    }

    /** A volume after its modification has taken effect: for size and type, the state `optimizing` is enough. */
    public async modifiedVolume(id: string): Promise<Volume> {
        const isDone = async () => {
            const state = await this.place.account.modification(id);
            if (state === "failed") {
                throw new Error(`EC2 reports the modification of ${id} as failed`);
            }
            return state === "modifying" ? undefined : true;
        };
        const what = `waiting until EC2 has modified volume ${id}`;
        await until(isDone, { what, seconds: modificationSeconds, signal: this.signal });
        return this.volume(id);
    }

    /** Phase, zone and volume of a PersistentVolume. */
    public async persistentVolume(name: string): Promise<{ phase?: string; zone?: string; volume?: string }> {
        const object = await this.place.cluster.persistentVolume(name);
        const [term] = object?.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
        return {
            phase: object?.status?.phase,
            zone: term?.matchExpressions?.[0]?.values?.[0],
            volume: object?.spec?.csi?.volumeHandle,
        };
    }

    /** Zones of the cluster's worker nodes. */
    public async nodeZones(): Promise<string[]> {
        const nodes = await this.place.cluster.workers();
        return [...new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[zoneLabel] ?? []))].sort();
    }
}

/** Changes in the output of `pulumi preview --json`. */
export function changesIn(preview: string): string[] {
    // Warnings may come before the JSON.
    const json = preview.slice(Math.max(preview.indexOf("{"), 0));
    const { steps = [] } = JSON.parse(json) as { steps?: { op: string; urn: string }[] };
    return steps
        .filter(({ op }) => !["same", "read", "refresh"].includes(op))
        .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
}

/** @throws Error with the observation, unless it is as expected. */
export function mustBe(isAsExpected: boolean, seen: string): string {
    if (!isAsExpected) {
        throw new Error(seen);
    }
    return seen;
}
