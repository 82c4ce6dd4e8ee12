import { isSnapshotType, isVolumeType } from "../../components/engine/resourceTypes";
import { deploymentOf, readState } from "../inspect/state";
import type { State } from "../inspect/state";
import type { Goal } from "../engine/preview";

/** A pending operation of an interrupted update. */
export interface Operation {
    /** Such as `creating`. */
    readonly type: string;
    readonly goal: Goal;
}

/** An object of the cluster in the state. */
export interface StateObject {
    readonly urn: string;
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    /** The field manager of the provider. */
    readonly fieldManager?: string;
}

/** The parts of a state that a recovery needs. */
export interface RecoverState {
    readonly state: State;
    readonly operations: readonly Operation[];
    readonly objects: readonly StateObject[];
    readonly urns: ReadonlySet<string>;
    /** URNs of what was deleted to be made again, which didn't end. */
    readonly deleted: ReadonlySet<string>;
    /** Ids of EBS volumes, by URN. */
    readonly volumes: ReadonlyMap<string, string>;
    /** Ids of EBS snapshots. */
    readonly snapshots: ReadonlySet<string>;
    /** Creation time of its first resource. */
    readonly created?: Date;
}

interface KubernetesOutputs {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
    readonly __fieldManager?: string;
}

/** Reads the output of `pulumi stack export`. */
export function readRecoverState(exported: string): RecoverState {
    const { resources = [], pending_operations: pending } = deploymentOf(exported, "the stack's state");
    const volumes = resources.filter(({ type, external }) => isVolumeType(type) && !external);
    const times = resources.flatMap(({ created }) => (created === undefined ? [] : Date.parse(created)));
    return {
        state: readState(exported, "the stack's state"),
        operations: (pending ?? []).map(({ type, resource }) => ({ type, goal: resource })),
        objects: resources
            .filter(({ type, external }) => type.startsWith("kubernetes:") && !external)
            .flatMap(({ urn, outputs }) => objectOf(urn, outputs as KubernetesOutputs | undefined) ?? []),
        urns: new Set(resources.map(({ urn }) => urn)),
        deleted: new Set(
            resources.flatMap(({ urn, pendingReplacement }) => (pendingReplacement ? [urn] : [])),
        ),
        volumes: new Map(volumes.map(({ urn, id = "" }) => [urn, id])),
        snapshots: new Set(resources.flatMap(({ type, id }) => (isSnapshotType(type) ? (id ?? []) : []))),
        created: times.length === 0 ? undefined : new Date(Math.min(...times)),
    };
}

/**
 * Lower bound for creations of interrupted updates: the end of the last update that ended, from the output of
 * `pulumi stack history --json`, or the creation time of the stack's first resource.
 */
export function earliestCreation(history: string, { created }: Pick<RecoverState, "created">): Date {
    const entries = (JSON.parse(history) ?? []) as { kind: string; endTime?: string }[];
    const ended = entries.filter(({ kind }) => ["update", "destroy"].includes(kind));
    const times = ended.map(({ endTime = "" }) => Date.parse(endTime)).filter((time) => !Number.isNaN(time));
    return times.length > 0 ? new Date(Math.max(...times)) : (created ?? new Date());
}

function objectOf(urn: string, outputs: KubernetesOutputs = {}): StateObject | undefined {
    const { apiVersion, kind, metadata, __fieldManager: fieldManager } = outputs;
    return apiVersion === undefined || kind === undefined || metadata?.name === undefined
        ? undefined
        : { urn, apiVersion, kind, namespace: metadata.namespace, name: metadata.name, fieldManager };
}
