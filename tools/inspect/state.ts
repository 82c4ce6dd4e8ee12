import { DeletionPolicy } from "../../components/args/deletionPolicy";
import { childTypes, isVolumeType, storageType, volumeTypes } from "../../components/engine/resourceTypes";
import { makesCopies, overridesOf } from "./overrides";
import type { StateOverride } from "./overrides";
import { compareDisks } from "./order";
import type { DiskPlace } from "./order";
import { backupPoliciesIn } from "./stateBackups";
import type { StateBackupPolicy } from "./stateBackups";
import { ownerTag } from "./tags";

/** Disks in a stack's state. */
export interface State {
    readonly stack: string;
    /** The stack's project; undefined if the state is empty. */
    readonly project?: string;
    /** Region of the AWS provider, if known. */
    readonly region?: string;
    /** Every ZonalPersistentStorage, with the disks in its outputs. */
    readonly storages: readonly StateStorage[];
    /** Every EBS volume. */
    readonly volumes: readonly StateVolume[];
    /** Every PersistentVolume. */
    readonly persistentVolumes: readonly StatePersistentVolume[];
    /** Backup policies of storages. */
    readonly backupPolicies: readonly StateBackupPolicy[];
    /** Names of the claims that the stack creates, with their namespaces. */
    readonly claims: readonly string[];
    /** Resources of disks that still have their storage's former name or parent. */
    readonly formerlyNamed: readonly FormerChild[];
    /** Operations that were pending when an update was interrupted, such as `creating data-0`. */
    readonly interrupted: readonly string[];
}

/** An EBS volume in the state. */
export interface StateVolume {
    readonly volumeId: string;
    /** Name of the resource. */
    readonly name: string;
    /** Its storage; undefined for volumes of other components. */
    readonly storage?: Storage;
    readonly clusterName?: string;
    /** Name of the PersistentVolume that it was created for. */
    readonly persistentVolumeName?: string;
    readonly zone?: string;
    readonly region?: string;
    readonly sizeGiB?: number;
    /** Volume type, such as gp3. */
    readonly type?: string;
    readonly isEncrypted?: boolean;
    /** Whether Pulumi refuses to delete it. */
    readonly isProtected: boolean;
    /** Treatment once the stack no longer has it. */
    readonly deletionPolicy: DeletionPolicy;
}

/** A PersistentVolume in the state. */
export interface StatePersistentVolume {
    readonly name: string;
    /** Ordinal of its disk; undefined if the resource's name has none. */
    readonly ordinal?: number;
    readonly volumeId?: string;
    readonly storage?: Storage;
    /** Whether an update has been to it. An import alone says nothing of what it is like. */
    readonly isUpdated: boolean;
}

/** A resource whose URN still has its storage's former name or parent, since a renaming update has not reached it. */
export interface FormerChild {
    readonly name: string;
    readonly storage: Storage;
}

/** A ZonalPersistentStorage in the state. */
export interface Storage {
    readonly name: string;
    readonly urn: string;
}

/** A ZonalPersistentStorage with its outputs. */
export interface StateStorage extends Storage {
    /** Zones for new volumes. */
    readonly zones: readonly string[];
    readonly disks: readonly StateDisk[];
    /** Its overrides by ordinal; undefined if the state doesn't have them. */
    readonly overrides?: Readonly<Record<string, StateOverride>>;
    /** Whether first volumes are copies where no override says otherwise. */
    readonly makesCopies?: boolean;
}

/** A disk in a storage's outputs. */
export interface StateDisk {
    readonly ordinal?: number;
    readonly zone?: string;
    readonly volumeId?: string;
    readonly persistentVolumeName?: string;
}

export interface Resource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly parent?: string;
    /** Read but not managed. */
    readonly external?: boolean;
    /** Replaced, and not deleted yet. */
    readonly delete?: boolean;
    /** Deleted, and still to be made again. */
    readonly pendingReplacement?: boolean;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly created?: string;
    readonly dependencies?: readonly string[];
    readonly inputs?: Properties;
    readonly outputs?: Properties;
}

interface Properties {
    readonly arn?: unknown;
    readonly region?: unknown;
    readonly availabilityZone?: unknown;
    readonly size?: unknown;
    readonly type?: unknown;
    /** The type of a copy. */
    readonly volumeType?: unknown;
    readonly encrypted?: unknown;
    readonly finalSnapshot?: unknown;
    readonly snapshotId?: unknown;
    readonly clusterName?: unknown;
    readonly overrides?: unknown;
    readonly volume?: unknown;
    readonly zones?: unknown;
    readonly volumes?: unknown;
    readonly tags?: Readonly<Record<string, unknown>>;
    readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown };
    readonly spec?: {
        readonly csi?: { readonly volumeHandle?: unknown };
        readonly persistentVolumeReclaimPolicy?: unknown;
    };
}

/**
 * Reads the output of `pulumi stack export`.
 *
 * @throws Error if the text is anything else.
 */
export function readState(exported: string, source: string): State {
    const { resources = [], pending_operations: operations } = deploymentOf(exported, source);
    const ofType = (type: string) => resources.filter((one) => one.type === type);
    const providers = ofType("pulumi:providers:aws").map(({ inputs }) => text(inputs?.region));
    // urn:pulumi:<stack>::<project>::…
    const [, , stack = "", project] = ofType("pulumi:pulumi:Stack")[0]?.urn.split(/::?/) ?? [];
    return {
        stack,
        project,
        region: providers.find((region) => region !== undefined),
        storages: ofType(storageType).map(({ urn, inputs, outputs }) => ({
            name: lastPart(urn),
            urn,
            zones: list(outputs?.zones).flatMap((zone) => text(zone) ?? []),
            disks: list(outputs?.volumes).map(diskOf),
            overrides: overridesOf(inputs),
            makesCopies: makesCopies(inputs),
        })),
        volumes: inOrder(
            resources
                .filter(({ type }) => isVolumeType(type))
                .flatMap((volume) => {
                    // Ids of any other form aren't EC2's, and could be options to the AWS CLI.
                    const [volumeId] = /^vol-\w+/.exec(volume.id ?? "") ?? [];
                    if (volumeId === undefined) {
                        return [];
                    }
                    const tags = { ...volume.inputs?.tags, ...volume.outputs?.tags };
                    return {
                        volumeId,
                        name: lastPart(volume.urn),
                        storage: volume.external || volume.delete ? undefined : storageOf(volume),
                        clusterName: text(tags.KubernetesCluster),
                        persistentVolumeName: text(tags[ownerTag]),
                        ...factsOf(volume),
                    };
                }),
        ),
        persistentVolumes: inOrder(
            ofType(childTypes.persistentVolume).map((persistentVolume) => ({
                name: text(persistentVolume.outputs?.metadata?.name) ?? persistentVolume.id ?? "",
                ordinal: ordinalOf(lastPart(persistentVolume.urn)),
                volumeId: text(persistentVolume.outputs?.spec?.csi?.volumeHandle),
                storage: storageOf(persistentVolume),
                isUpdated: persistentVolume.inputs?.spec?.persistentVolumeReclaimPolicy !== undefined,
            })),
        ),
        backupPolicies: backupPoliciesIn(resources),
        claims: ofType(childTypes.claim).flatMap(({ outputs }) => {
            const [namespace, name] = [outputs?.metadata?.namespace, outputs?.metadata?.name].map(text);
            return name === undefined ? [] : [`${namespace ?? "default"}/${name}`];
        }),
        formerlyNamed: resources.flatMap(formerChildOf),
        interrupted: (operations ?? []).map(({ type, resource: { urn } }) => `${type} ${lastPart(urn)}`),
    };
}

function inOrder<T extends { readonly name: string; readonly storage?: Storage }>(disks: T[]): T[] {
    return disks.sort((a, b) => compareDisks(placeOf(a), placeOf(b)));
}

function placeOf({ name, storage }: { readonly name: string; readonly storage?: Storage }): DiskPlace {
    return { name, storage: storage?.name, ordinal: ordinalOf(name) };
}

/** Ordinal in the name of a disk's volume, moved or not, or of its PersistentVolume. */
export function ordinalOf(name: string): number | undefined {
    const [, digits] = /-(\d+)(?:-moved-\d+)?$/.exec(name) ?? [];
    return digits === undefined ? undefined : Number(digits);
}

/**
 * Whether a PersistentVolume's disk is on a volume that an override names, not on one that the storage created;
 * undefined if the state doesn't tell.
 */
export function isOnNamedVolume(
    { ordinal, storage }: Pick<StatePersistentVolume, "ordinal" | "storage">,
    state: State | undefined,
): boolean | undefined {
    const overrides = state?.storages.find(({ urn }) => urn === storage?.urn)?.overrides;
    return overrides && ordinal !== undefined ? (overrides[ordinal]?.hasVolumeId ?? false) : undefined;
}

/** Whether an ordinal's first volume is a copy, by the settings in the state; undefined if the state doesn't tell. */
export function isMadeAsCopy(
    urn: string,
    ordinal: number | undefined,
    state: State | undefined,
): boolean | undefined {
    const { overrides, makesCopies: byDefault } = state?.storages.find((one) => one.urn === urn) ?? {};
    return overrides && ordinal !== undefined ? (overrides[ordinal]?.isCopy ?? byDefault) : undefined;
}

export interface Deployment {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly { readonly resource: Resource; readonly type: string }[];
}

/** The deployment in the output of `pulumi stack export`. */
export function deploymentOf(exported: string, source: string): Deployment {
    let state: { deployment?: Deployment | null } | null | undefined;
    try {
        state = JSON.parse(exported) as typeof state;
    } catch {
        state = undefined;
    }
    if (typeof state !== "object" || state?.deployment === undefined) {
        throw new Error(`${source} must be the output of "pulumi stack export", got something else`);
    }
    return state.deployment ?? {};
}

function storageOf({ parent }: Resource): Storage | undefined {
    const type = parent?.split("::")[2]?.split("$").at(-1);
    return parent !== undefined && type === storageType ? { name: lastPart(parent), urn: parent } : undefined;
}

/** Resource types of a disk. */
const diskTypes: readonly string[] = [...volumeTypes, childTypes.persistentVolume, childTypes.claim];

/**
 * In a rename, the engine first writes the component with its new URN, and that as the parent of its children; each
 * child keeps its own URN until the update reaches it.
 */
function formerChildOf(resource: Resource): FormerChild[] {
    const storage = storageOf(resource);
    if (!storage || resource.external || resource.delete || !diskTypes.includes(resource.type)) {
        return [];
    }
    const name = lastPart(resource.urn);
    const disk = /^(.+?)-\d+(?:-moved-\d+)?$/.exec(name)?.[1];
    const parents = storage.urn.split("::").slice(0, -1).join("::");
    const isCurrent = disk === storage.name && resource.urn === `${parents}$${resource.type}::${name}`;
    return disk === undefined || isCurrent ? [] : [{ name, storage }];
}

function factsOf({ inputs, outputs, protect, retainOnDelete }: Resource) {
    const { availabilityZone, region, size, type, volumeType, encrypted, finalSnapshot } = {
        ...inputs,
        ...outputs,
    };
    return {
        region: text(region),
        zone: text(availabilityZone),
        sizeGiB: typeof size === "number" ? size : undefined,
        type: text(type ?? volumeType),
        isEncrypted: typeof encrypted === "boolean" ? encrypted : undefined,
        isProtected: protect ?? false,
        deletionPolicy: retainOnDelete
            ? DeletionPolicy.Retain
            : finalSnapshot === true
              ? DeletionPolicy.Snapshot
              : DeletionPolicy.Delete,
    };
}

function diskOf(record: unknown): StateDisk {
    const { ordinal, zone, volumeId, persistentVolumeName } = (record ?? {}) as Record<string, unknown>;
    return {
        ordinal: typeof ordinal === "number" ? ordinal : undefined,
        zone: text(zone),
        volumeId: text(volumeId),
        persistentVolumeName: text(persistentVolumeName),
    };
}

function lastPart(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The value if it is a non-empty text; a secret isn't. */
function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}
