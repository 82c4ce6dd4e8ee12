import type { ProviderResource } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { runsWithEngine } from "../engine/monitor";
import { perProgram } from "../engine/perProgram";
import { disksOf } from "../plan/disks";
import { refuseProblems } from "./problems";

/** An object of the cluster that one storage alone can have. */
interface ClusterObject {
    readonly kind: "StorageClass" | "PersistentVolume" | "claim";
    readonly name: string;
    /** How to have another. */
    readonly wayOut: string;
}

/** The owner of each object, by kind and name. */
export type Owners = Map<string, string>;

/** The args that names follow from. */
type Names = Omit<ZonalPersistentStorageArgs, "clusterName">;

/** Objects that the storage creates or, of claims, reserves, as far as their names are plain. */
function objectsOf(storage: string, args: Names): ClusterObject[] {
    const { storageClass = {}, dynamicStorageClass, claims } = args;
    const own = storageClass.create === false ? undefined : (storageClass.name ?? storage);
    const classes = [
        { name: own, wayOut: "storageClass.create false" },
        { name: dynamicStorageClass?.name, wayOut: "another dynamicStorageClass.name" },
    ].map((one) => ({ kind: "StorageClass" as const, ...one }));
    const namespace = claims?.namespace ?? "default";
    const disks = disksOf(storage, { clusterName: "", ...args }).flatMap(
        ({ persistentVolumeName, claimName }) => [
            {
                kind: "PersistentVolume" as const,
                name: persistentVolumeName,
                wayOut: "another persistentVolume.namePrefix",
            },
            {
                kind: "claim" as const,
                name:
                    claimName === undefined || typeof namespace !== "string"
                        ? undefined
                        : `${namespace}/${claimName}`,
                wayOut: "claims of its own",
            },
        ],
    );
    return [...classes, ...disks].filter((one): one is ClusterObject => typeof one.name === "string");
}

/**
 * Enters a storage's objects, and says which are another's already: the first of each kind.
 *
 * @param owner - The storage, as messages name it.
 * @returns one rule for each kind: "must not create ...".
 */
export function takenObjects(owners: Owners, owner: string, storage: string, args: Names): string[] {
    const taken = new Map<string, string>();
    for (const { kind, name, wayOut } of objectsOf(storage, args)) {
        const key = `${kind} ${name}`;
        const other = owners.get(key);
        owners.set(key, other ?? owner);
        if (other !== undefined && !taken.has(kind)) {
            const verb = kind === "claim" ? "be for" : "create";
            const does = kind === "claim" ? "is" : "does";
            taken.set(kind, `must not ${verb} ${key}, ${other} ${does}: give it ${wayOut}`);
        }
    }
    return [...taken.values()];
}

/** Owners of the objects of each cluster, by its provider. */
const clusters = perProgram(() => new Map<unknown, Owners>());

/**
 * Keeps two storages of a program from making the same objects, of which the second would fail half way. They are of
 * one cluster where they have the same provider. In unit tests, whose cases may make the same storage one after the
 * other, nothing is compared.
 *
 * @throws RunError that lists what another storage has already.
 */
export function checkObjects(
    name: string,
    args: ZonalPersistentStorageArgs,
    provider: ProviderResource | undefined,
): void {
    if (!runsWithEngine()) {
        return;
    }
    const owners: Owners = clusters().get(provider) ?? new Map<string, string>();
    clusters().set(provider, owners);
    const title = `ZonalPersistentStorage ${JSON.stringify(name)}`;
    refuseProblems(`${title} can't be made from these args`, takenObjects(owners, title, name, args));
}
