import { childTypes, isVolumeType, storageType } from "../../components/engine/resourceTypes";
import { deploymentOf, ordinalOf } from "../inspect/state";
import type { Resource } from "../inspect/state";

/** A storage in the state, with everything that belongs to it. */
export interface ReleasedStorage {
    readonly name: string;
    readonly urn: string;
    /** Its resources in an order in which each can be taken out: those that others depend on come last. */
    readonly urns: readonly string[];
    readonly disks: readonly ReleasedDisk[];
    /** Resources that are neither disks nor the storage, and that stay in the cluster and in AWS. */
    readonly others: readonly string[];
    /** Its args. */
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Regions and accounts of its volumes. */
    readonly places: readonly VolumePlace[];
}

/** Region and account of a volume. */
export interface VolumePlace {
    readonly region: string;
    readonly account?: string;
}

/** A disk of such a storage. */
export interface ReleasedDisk {
    readonly ordinal: number;
    readonly persistentVolume: string;
    readonly volumeId: string;
    /** Volumes that it was moved from and that were kept. */
    readonly kept: readonly string[];
}

/**
 * The storages of these names in the output of `pulumi stack export`.
 *
 * @throws Error if the state has no storage of a name or several, if an update of the stack was interrupted, or if
 * other resources depend on the storages.
 */
export function releasedStorages(exported: string, names: readonly string[]): ReleasedStorage[] {
    const { resources = [], pending_operations: pending } = deploymentOf(exported, "the stack's state");
    if ((pending ?? []).length > 0) {
        throw new Error("an update of the stack was interrupted: finish it first, with recover");
    }
    const storages = names.map((name) => {
        const found = resources.filter(({ type, urn }) => type === storageType && nameIn(urn) === name);
        const [storage] = found;
        if (!storage || found.length > 1) {
            const known = resources.flatMap(({ type, urn }) => (type === storageType ? [nameIn(urn)] : []));
            throw new Error(
                `the stack has ${found.length > 1 ? "several storages" : "no storage"} "${name}": it has ${known.join(", ") || "none"}`,
            );
        }
        return storageOf(name, storage, resources);
    });
    refuseDependents(storages, resources);
    return storages;
}

function storageOf(name: string, storage: Resource, resources: readonly Resource[]): ReleasedStorage {
    const own = resources.filter(({ urn, parent }) => urn === storage.urn || parent === storage.urn);
    const volumeIds = new Map(own.map(({ urn, id = "" }) => [urn, id]));
    const disks = own
        .filter(({ type }) => type === childTypes.persistentVolume)
        .map(({ urn, id, outputs }): ReleasedDisk => {
            const ordinal = ordinalOf(nameIn(urn)) ?? 0;
            const handle = outputs?.spec?.csi?.volumeHandle;
            const volumeId = typeof handle === "string" ? handle : "";
            const ofDisk = own.filter(
                (one) => isVolumeType(one.type) && ordinalOf(nameIn(one.urn)) === ordinal,
            );
            return {
                ordinal,
                persistentVolume: id ?? nameIn(urn),
                volumeId,
                kept: ofDisk.map((one) => volumeIds.get(one.urn) ?? "").filter((one) => one !== volumeId),
            };
        });
    const isDisk = ({ type }: Resource) => isVolumeType(type) || type === childTypes.persistentVolume;
    return {
        name,
        urn: storage.urn,
        urns: [...own].reverse().map(({ urn }) => urn),
        disks: disks.sort((a, b) => a.ordinal - b.ordinal),
        others: own
            .filter((one) => one.urn !== storage.urn && !isDisk(one) && !one.external)
            .map(({ type, id, urn }) => `${type.split(":").at(-1)} ${id ?? nameIn(urn)}`),
        inputs: { ...storage.inputs },
        places: own.flatMap(({ outputs }) => placeIn(outputs?.arn)),
    };
}

/** A resource that depends on a storage would be taken out with it, or keep it from being taken out. */
function refuseDependents(storages: readonly ReleasedStorage[], resources: readonly Resource[]): void {
    const inside = new Set(storages.flatMap(({ urns }) => urns));
    const outside = resources.filter(
        ({ urn, dependencies = [] }) =>
            !inside.has(urn) && dependencies.some((dependency) => inside.has(dependency)),
    );
    if (outside.length > 0) {
        throw new Error(
            `other resources depend on ${storages.map(({ name }) => name).join(", ")}: ${[...new Set(outside.map(({ urn }) => nameIn(urn)))].join(", ")}; release them together, or end the dependency (alongside, zoneByOrdinal) and run pulumi up first`,
        );
    }
}

/** Region and account in a volume's ARN. */
function placeIn(arn: unknown): VolumePlace[] {
    const [, region, account] =
        typeof arn === "string" ? (/^arn:[^:]*:ec2:([^:]+):(\d*):volume\//.exec(arn) ?? []) : [];
    return region === undefined ? [] : [{ region, account: account || undefined }];
}

function nameIn(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}
