import { AppsV1Api, CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolumeClaim, V1StatefulSet, V1StorageClass } from "@kubernetes/client-node";
import { findProject } from "../engine/project";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { readInventory } from "../inspect/inventory";
import type { Inventory } from "../inspect/inventory";
import { listed } from "../inspect/pages";
import { nameOf } from "../inspect/persistentVolumes";
import type { Target } from "../inspect/target";
import { readOtherStacks } from "./otherStacks";
import type { OtherStacks } from "./otherStacks";
import { StackFile } from "./stackFile";
import type { ClaimOwner } from "./statefulSets";

/** A stack, its cluster and its account. */
export interface Stack {
    readonly stack: string;
    readonly inventory: Inventory;
    /** Undefined if the program has its storages in code. */
    readonly stackFile: StackFile | undefined;
}

/** A stack, with who may have its claims. */
export interface StackWorld extends Stack {
    readonly owners: readonly ClaimOwner[];
    /** Names of the StorageClasses. */
    readonly classes: readonly string[];
    /** Names of the claims that have the labels, with their namespaces; undefined if no labels are asked for. */
    readonly labelled?: ReadonlySet<string>;
}

/** The facts that adoption depends on. */
export interface World extends StackWorld {
    readonly otherStacks: OtherStacks;
    /** Whether an update of the stack has ended before it was finished. */
    readonly isUnfinished: boolean;
}

/**
 * Reads all of it, and changes nothing.
 *
 * @param before - The other stacks as they were read before.
 * @throws Error if anything of it can't be read: what wasn't seen can't be adopted in safety.
 */
export async function readWorld(
    pulumi: Pulumi,
    clients: Clients,
    target: Target,
    selector: string | undefined,
    isLocked: boolean,
    before?: OtherStacks,
): Promise<World> {
    const read = await readStack(pulumi, clients, target);
    const { stack, inventory } = read;
    return {
        ...read,
        ...(await readOwners(clients, selector)),
        otherStacks: await readOtherStacks(pulumi, clients, stack, before),
        isUnfinished: isLocked || (inventory.state?.interrupted ?? []).length > 0,
    };
}

/**
 * Reads a stack, its cluster and its account, and changes nothing.
 *
 * @throws Error if anything of it can't be read.
 */
export async function readStack(pulumi: Pulumi, clients: Clients, target: Target): Promise<Stack> {
    const stack = await pulumi.stackName();
    const stackFile = await StackFile.read(await findProject(), stack);
    const cluster = target.cluster ?? stackFile?.clusterName;
    const unseen: string[] = [];
    const inventory = await readInventory(clients, { ...target, stack, cluster }, (line) =>
        unseen.push(line),
    );
    if (unseen.length > 0) {
        throw new Error(`not all could be read that this needs: ${unseen.join("; ")}`);
    }
    return { stack, inventory, stackFile };
}

/**
 * Reads StatefulSets and StorageClasses, and the claims of a label selector.
 *
 * @throws Error if any of it can't be read.
 */
export async function readOwners(
    { kubeConfig }: Clients,
    selector?: string,
): Promise<Omit<StackWorld, keyof Stack>> {
    const config = kubeConfig();
    const [apps, storage, core] = [
        config.makeApiClient(AppsV1Api),
        config.makeApiClient(StorageV1Api),
        config.makeApiClient(CoreV1Api),
    ];
    try {
        const sets = await listed<V1StatefulSet>(
            (...page) => apps.listStatefulSetForAllNamespaces(...page),
            statefulSetFields,
        );
        const classes = await listed<V1StorageClass>(
            (...page) => storage.listStorageClass(...page),
            (one) => one,
        );
        const claims =
            selector === undefined
                ? undefined
                : await listed<V1PersistentVolumeClaim>(
                      (page, options) =>
                          core.listPersistentVolumeClaimForAllNamespaces(
                              { ...page, labelSelector: selector },
                              options,
                          ),
                      ({ metadata }) => ({
                          metadata: { namespace: metadata?.namespace, name: metadata?.name },
                      }),
                  );
        return {
            owners: sets.map(ownerOf),
            classes: classes.map(nameOf),
            labelled: claims && new Set(claims.map(nameOf)),
        };
    } catch (error) {
        throw new Error(
            `could not read the cluster of context ${config.getCurrentContext()}: ${messageOf(error)}`,
        );
    }
}

function statefulSetFields({ metadata, spec }: V1StatefulSet): V1StatefulSet {
    return {
        metadata: { namespace: metadata?.namespace, name: metadata?.name },
        spec: {
            selector: {},
            template: {},
            volumeClaimTemplates: spec?.volumeClaimTemplates?.map((claim) => ({
                metadata: { name: claim.metadata?.name },
            })),
        },
    };
}

function ownerOf({ metadata, spec }: V1StatefulSet): ClaimOwner {
    return {
        namespace: metadata?.namespace ?? "default",
        name: metadata?.name ?? "",
        templates: (spec?.volumeClaimTemplates ?? []).flatMap((claim) => claim.metadata?.name ?? []),
    };
}
