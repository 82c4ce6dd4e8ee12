import type { ComponentResource, CustomResourceOptions } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { FormerNames } from "../engine/formerNames";
import { objectHooks } from "../engine/hooks";

/** A storage, as all of its resources have to know it. */
export interface StorageContext {
    readonly name: string;
    readonly args: ZonalPersistentStorageArgs;
    readonly component: ComponentResource;
    readonly former: FormerNames;
}

/** Options of every child. */
export function childOptions({ component, former }: StorageContext, logicalName: string) {
    return { parent: component, aliases: former.of(logicalName) };
}

/**
 * Options of the objects in the cluster. Two objects of one name can't be: an interrupted replacement must not go on as
 * if they could.
 */
export function objectOptions(storage: StorageContext, logicalName: string): CustomResourceOptions {
    return { ...childOptions(storage, logicalName), deleteBeforeReplace: true, hooks: objectHooks() };
}
