import { ZoneLabel } from "../args/persistentVolumeArgs";
import type { Component } from "../engine/formerNames";
import { childUrn } from "../engine/stackState";
import { childTypes, isVolumeType } from "../engine/resourceTypes";
import type { StackState } from "../engine/stackState";

/** A storage's disks as the stack's state has them, by ordinal. */
export type RecordedDisks = ReadonlyMap<number, RecordedDisk>;

/** A disk as the stack's state has it. */
export interface RecordedDisk {
    persistentVolume?: RecordedPersistentVolume;
    claim?: RecordedClaim;
    /** The volumes that it is and was on, by what their names have after the disk's: nothing, -moved-1 and so on. */
    readonly volumes: Map<string, RecordedVolume>;
    /** The snapshots that were taken to move it, likewise. */
    readonly snapshots: Map<string, RecordedSnapshot>;
    /** Whether its first volume was made from a copy of another region's snapshot, which the state has. */
    hasCopy?: boolean;
}

/** A PersistentVolume as the state has it. */
export interface RecordedPersistentVolume {
    readonly urn: string;
    readonly name: string;
    /** The EBS volume that it is on. */
    readonly volumeId: string;
    readonly labels?: Readonly<Record<string, string>>;
    /** Whether others have made it: then the program says nothing of what it is on. */
    readonly isAdopted?: boolean;
    readonly csiDriver?: string;
    /** Whether it names its zone by the label that only nodes of EKS Auto Mode have. */
    readonly hasAutoModeLabel?: boolean;
}

/** A claim of the stack's as the state has it. */
export interface RecordedClaim {
    readonly name?: string;
    readonly namespace?: string;
}

/** An EBS volume as the state has it. */
export interface RecordedVolume {
    readonly urn: string;
    readonly id: string;
    /** When EC2 created it, in ISO 8601. */
    readonly createTime?: string;
    readonly zone?: string;
    /** The snapshot that it was made from; empty if it was made empty. */
    readonly snapshotId?: string;
    /** The volume that it is a copy of, if it is one. */
    readonly sourceVolumeId?: string;
}

/** A snapshot as the state has it. */
export interface RecordedSnapshot {
    readonly urn: string;
    readonly id: string;
    readonly description?: string;
}

/** A storage's disks in the state, under the name that the storage has or one that it had. */
export function recordedDisks(state: StackState, components: readonly Component[]): RecordedDisks {
    const disks = new Map<number, RecordedDisk>();
    const diskOf = (ordinal: number): RecordedDisk => {
        const disk = disks.get(ordinal) ?? { volumes: new Map(), snapshots: new Map() };
        disks.set(ordinal, disk);
        return disk;
    };
    // Resources under the name of today come last, and count.
    for (const component of [...components].reverse()) {
        for (const { urn, ordinal, generation, type, outputs } of childrenIn(state, component)) {
            const disk = diskOf(ordinal);
            const id = idIn(outputs);
            if (isVolumeType(type)) {
                disk.volumes.set(generation, { urn, id, ...volumeOutputs(outputs) });
            } else if (type === childTypes.snapshot) {
                const { description } = outputs as { description?: string };
                disk.snapshots.set(generation, { urn, id, description });
            } else if (type === childTypes.snapshotCopy) {
                disk.hasCopy = true;
            } else if (type === childTypes.claim) {
                const { metadata } = outputs as { metadata?: RecordedClaim };
                disk.claim = { name: metadata?.name, namespace: metadata?.namespace };
            } else {
                disk.persistentVolume = persistentVolume(urn, outputs);
            }
        }
    }
    return disks;
}

/**
 * Whether a storage's volumes are protected since the last update that has ended; undefined where the state doesn't say
 * so: after an update that failed half way, and for storages of earlier versions. The engine tells nobody which are.
 */
export function recordedProtection(state: StackState, components: readonly Component[]): boolean | undefined {
    const known = components
        .map(({ urn }) => state[urn]?.outputs["protect"])
        .filter((one) => typeof one === "boolean");
    return known.length === 0 ? undefined : known.includes(true);
}

/** All PersistentVolumes of a stack that are on EBS volumes. */
export function persistentVolumesIn(state: StackState): RecordedPersistentVolume[] {
    return Object.entries(state).flatMap(([urn, { type, outputs }]) =>
        type === childTypes.persistentVolume ? (persistentVolume(urn, outputs) ?? []) : [],
    );
}

/** All EBS volumes that a stack manages. */
export function volumesIn(state: StackState): RecordedVolume[] {
    return Object.entries(state).flatMap(([urn, { type, outputs }]) =>
        isVolumeType(type) ? [{ urn, id: idIn(outputs) }] : [],
    );
}

function volumeOutputs(outputs: Readonly<Record<string, unknown>>): Omit<RecordedVolume, "urn" | "id"> {
    const { createTime, availabilityZone, snapshotId, sourceVolumeId } = outputs as {
        createTime?: string;
        availabilityZone?: string;
        snapshotId?: string;
        sourceVolumeId?: string;
    };
    return { createTime, zone: availabilityZone, snapshotId, sourceVolumeId };
}

/** The last part of an ARN; ids aren't among the outputs of all providers. */
function idIn(outputs: Readonly<Record<string, unknown>>): string {
    const { arn } = outputs as { arn?: string };
    return arn?.split("/").at(-1) ?? "";
}

interface NodeAffinity {
    required?: { nodeSelectorTerms?: { matchExpressions?: { key: string }[] }[] };
}

function persistentVolume(
    urn: string,
    outputs: Readonly<Record<string, unknown>>,
): RecordedPersistentVolume | undefined {
    // Pulumi's Kubernetes provider keeps an object's inputs among its outputs.
    const {
        metadata,
        spec,
        __inputs: inputs,
    } = outputs as {
        metadata?: { name?: string; labels?: Record<string, string> };
        spec?: { csi?: { driver?: string; volumeHandle?: string }; nodeAffinity?: NodeAffinity };
        __inputs?: { spec?: { csi?: object } };
    };
    const { name, labels } = metadata ?? {};
    const volumeId = spec?.csi?.volumeHandle;
    const labelsOfNodes = (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(
        ({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key),
    );
    const hasAutoModeLabel = labelsOfNodes.includes(ZoneLabel.eksAutoMode);
    const isAdopted = inputs?.spec !== undefined && inputs.spec.csi === undefined;
    return name === undefined || volumeId === undefined
        ? undefined
        : { urn, name, volumeId, labels, isAdopted, csiDriver: spec?.csi?.driver, hasAutoModeLabel };
}

function childrenIn(state: StackState, { name, urn: parent }: Component) {
    return Object.entries(state).flatMap(([urn, { type, outputs }]) => {
        const prefix = childUrn(parent, type, name);
        const [, ordinal, generation = ""] = urn.startsWith(prefix)
            ? (/^-(\d+)(-moved-\d+)?$/.exec(urn.slice(prefix.length)) ?? [])
            : [];
        return ordinal === undefined ? [] : [{ urn, ordinal: Number(ordinal), generation, type, outputs }];
    });
}
