import { DeletionPolicy } from "../../components/args/deletionPolicy";
import { overridesOf } from "./overrides";
import type { StateOverride } from "./overrides";
import { ownerTag } from "./tags";

/** What a stack's state says of disks. */
export interface State {
    readonly stack: string;
    /** Region of the AWS provider, if it is known. */
    readonly region?: string;
    /** Every ZonalPersistentStorage, with what its outputs say of its disks. */
    readonly storages: readonly StateStorage[];
    /** Every EBS volume. */
    readonly volumes: readonly StateVolume[];
    /** Every PersistentVolume. */
    readonly persistentVolumes: readonly StatePersistentVolume[];
    /** Disks that still have the name that their storage had before a rename, or its former parent. */
    readonly formerlyNamed: readonly FormerChild[];
    /** What an update had begun and not ended when it was interrupted, such as `creating data-0`. */
    readonly interrupted: readonly string[];
}

/** An EBS volume in the state. */
export interface StateVolume {
    readonly volumeId: string;
    /** Name of the resource. */
    readonly name: string;
    /** The storage that it is a disk of; undefined for volumes that aren't this component's. */
    readonly storage?: Storage;
    readonly clusterName?: string;
    /** Name of the PersistentVolume that it was made for. */
    readonly persistentVolumeName?: string;
    readonly zone?: string;
    readonly sizeGiB?: number;
    /** Such as gp3. */
    readonly type?: string;
    readonly isEncrypted?: boolean;
    /** Whether Pulumi refuses to delete it. */
    readonly isProtected: boolean;
    /** What happens to it once the stack doesn't ask for it any more. */
    readonly deletionPolicy: DeletionPolicy;
}

/** A PersistentVolume in the state. */
export interface StatePersistentVolume {
    readonly name: string;
    /** Of its disk; undefined where the resource's name has none. */
    readonly ordinal?: number;
    readonly volumeId?: string;
    readonly storage?: Storage;
}

/** A resource of a storage whose URN isn't made from the storage's: the update that renames it hasn't come to it. */
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
    /** Its settings of ordinals, by ordinal; undefined if the state doesn't have the settings. */
    readonly overrides?: Readonly<Record<string, StateOverride>>;
}

/** What a storage's outputs say of an ordinal. */
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
    /** Only read, not managed. */
    readonly external?: boolean;
    /** Replaced, and still to be deleted. */
    readonly delete?: boolean;
    /** Deleted, and still to be made again. */
    readonly pendingReplacement?: boolean;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly created?: string;
    readonly inputs?: Properties;
    readonly outputs?: Properties;
}

interface Properties {
    readonly region?: unknown;
    readonly availabilityZone?: unknown;
    readonly size?: unknown;
    readonly type?: unknown;
    readonly encrypted?: unknown;
    readonly finalSnapshot?: unknown;
    readonly clusterName?: unknown;
    readonly overrides?: unknown;
    readonly zones?: unknown;
    readonly volumes?: unknown;
    readonly tags?: Readonly<Record<string, unknown>>;
    readonly metadata?: { readonly name?: unknown };
    readonly spec?: { readonly csi?: { readonly volumeHandle?: unknown } };
}

const storageType = "zonal-persistent-storage:index:ZonalPersistentStorage";

/**
 * Reads what `pulumi stack export` prints.
 *
 * @throws Error if it is something else.
 */
export function readState(exported: string, what: string): State {
    const { resources = [], pending_operations: operations } = deploymentOf(exported, what);
    const ofType = (type: string) => resources.filter((one) => one.type === type);
    const providers = ofType("pulumi:providers:aws").map(({ inputs }) => text(inputs?.region));
    return {
        stack: ofType("pulumi:pulumi:Stack")[0]?.urn.split(/::?/)[2] ?? "",
        region: providers.find((region) => region !== undefined),
        storages: ofType(storageType).map(({ urn, inputs, outputs }) => ({
            name: lastPart(urn),
            urn,
            zones: list(outputs?.zones).flatMap((zone) => text(zone) ?? []),
            disks: list(outputs?.volumes).map(diskOf),
            overrides: overridesOf(inputs),
        })),
        volumes: ofType("aws:ebs/volume:Volume").flatMap((volume) => {
            // An id of any other form is none of EC2's, and would be anything to the AWS CLI.
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
        persistentVolumes: ofType("kubernetes:core/v1:PersistentVolume").map((persistentVolume) => ({
            name: text(persistentVolume.outputs?.metadata?.name) ?? persistentVolume.id ?? "",
            ordinal: ordinalOf(lastPart(persistentVolume.urn)),
            volumeId: text(persistentVolume.outputs?.spec?.csi?.volumeHandle),
            storage: storageOf(persistentVolume),
        })),
        formerlyNamed: resources.flatMap(formerChildOf),
        interrupted: (operations ?? []).map(({ type, resource: { urn } }) => `${type} ${lastPart(urn)}`),
    };
}

/** Ordinal of a disk, by the name of its volume, which may have been moved to, or its PersistentVolume. */
export function ordinalOf(name: string): number | undefined {
    const [, digits] = /-(\d+)(?:-moved-\d+)?$/.exec(name) ?? [];
    return digits === undefined ? undefined : Number(digits);
}

/**
 * Whether a PersistentVolume's disk is on a volume that an override names, and the storage didn't make; undefined if
 * the state doesn't tell.
 */
export function isAdopted(
    { ordinal, storage }: Pick<StatePersistentVolume, "ordinal" | "storage">,
    state: State | undefined,
): boolean | undefined {
    const overrides = state?.storages.find(({ urn }) => urn === storage?.urn)?.overrides;
    return overrides && ordinal !== undefined ? (overrides[ordinal]?.hasVolumeId ?? false) : undefined;
}

/** The storage whose PersistentVolumes are called as this one is. */
export function storageFor(persistentVolumeName: string, state: State | undefined): Storage | undefined {
    const prefix = prefixOf(persistentVolumeName);
    return state?.persistentVolumes.find(({ name }) => prefixOf(name) === prefix)?.storage;
}

/** What comes before the ordinal. */
export function prefixOf(name: string): string {
    return name.replace(/-\d+$/, "");
}

export interface Deployment {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly { readonly resource: Resource; readonly type: string }[];
}

/** The deployment in what `pulumi stack export` prints. */
export function deploymentOf(exported: string, what: string): Deployment {
    let state: { deployment?: Deployment | null } | null | undefined;
    try {
        state = JSON.parse(exported) as typeof state;
    } catch {
        state = undefined;
    }
    if (typeof state !== "object" || state?.deployment === undefined) {
        throw new Error(`${what} must be what "pulumi stack export" prints, got something else`);
    }
    return state.deployment ?? {};
}

function storageOf({ parent }: Resource): Storage | undefined {
    const type = parent?.split("::")[2]?.split("$").at(-1);
    return parent !== undefined && type === storageType ? { name: lastPart(parent), urn: parent } : undefined;
}

/** Types of the resources that every disk has. */
const diskTypes = [
    "aws:ebs/volume:Volume",
    "kubernetes:core/v1:PersistentVolume",
    "kubernetes:core/v1:PersistentVolumeClaim",
];

/**
 * The engine writes a renamed component, and it as the parent of all its children, before it comes to the children
 * themselves, which keep their URNs until then.
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
    const { availabilityZone, size, type, encrypted, finalSnapshot } = { ...inputs, ...outputs };
    return {
        zone: text(availabilityZone),
        sizeGiB: typeof size === "number" ? size : undefined,
        type: text(type),
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

/** A secret, for one, is not a text. */
function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}
