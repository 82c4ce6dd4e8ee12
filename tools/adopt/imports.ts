import { childTypes } from "../../components/engine/resourceTypes";
import { importFile, isExplicit } from "../engine/importFile";
import type { ImportedResource } from "../engine/importFile";
import type { Goal, Preview } from "../engine/preview";
import { nameOf, stepText } from "../engine/preview";
import { ownerTag } from "../inspect/tags";
import type { ExistingDisk } from "./existingDisk";

/** Imports by which disks come into the state. */
export interface Imports {
    /** Content of the file for `pulumi import`; undefined if all is in the state. */
    readonly file: string | undefined;
    /** URNs of the storages that the disks belong to. */
    readonly storages: ReadonlySet<string>;
    /** Names of PersistentVolumes that the program doesn't have. */
    readonly missing: readonly string[];
    /** URNs of providers that the program makes and the state doesn't have. */
    readonly newProviders: readonly string[];
}

/**
 * The imports for disks, by what a preview would create.
 *
 * @param inState - Names of the PersistentVolumes that the state has, with the URNs of their storages.
 * @param absent - Names of the PersistentVolumes that the cluster doesn't have yet, of which only the volumes are imported.
 */
export function importsOf(
    disks: readonly ExistingDisk[],
    preview: Preview,
    inState: ReadonlyMap<string, string>,
    absent: ReadonlySet<string> = new Set(),
): Imports {
    const created = new Map(preview.created.map((goal) => [goal.urn, goal]));
    const resources: ImportedResource[] = [];
    const storages = new Set<string>();
    const missing: string[] = [];
    const add = (resource: ImportedResource) =>
        resources.some(({ urn }) => urn === resource.urn) ? undefined : resources.push(resource);
    for (const { name, volumeId } of disks) {
        const planned = preview.created.find(
            ({ type, inputs }) => type === childTypes.persistentVolume && inputs?.metadata?.name === name,
        );
        const storage = planned?.parent ?? inState.get(name);
        if (storage === undefined) {
            missing.push(name);
            continue;
        }
        storages.add(storage);
        componentsAbove(storage, created).forEach(add);
        // The state may have the PersistentVolume alone, after an import that was interrupted.
        const volume = preview.created.find(
            ({ type, parent, urn, inputs }) =>
                type === childTypes.volume &&
                parent === storage &&
                (planned ? nameOf(urn) === nameOf(planned.urn) : inputs?.tags?.[ownerTag] === name),
        );
        [
            volume && { ...volume, id: volumeId },
            absent.has(name) ? undefined : planned && { ...planned, id: name },
        ].forEach((one) => (one ? add(one) : undefined));
    }
    const providers = resources.flatMap(({ provider }) => (isExplicit(provider) ? [provider] : []));
    return {
        file: resources.length === 0 ? undefined : importFile(resources),
        storages,
        missing,
        newProviders: [...new Set(providers)].filter((provider) =>
            [...created.keys()].some((urn) => provider.startsWith(`${urn}::`)),
        ),
    };
}

/** The components that a preview would create above a resource, the outermost first. */
function componentsAbove(urn: string, created: ReadonlyMap<string, Goal>): ImportedResource[] {
    const component = created.get(urn);
    if (!component || component.type === "pulumi:pulumi:Stack") {
        return [];
    }
    const { type, parent } = component;
    const isAtTop = parent === undefined || parent.includes("::pulumi:pulumi:Stack::");
    return [
        ...(isAtTop ? [] : componentsAbove(parent, created)),
        { type, urn, ...(isAtTop ? {} : { parent }) },
    ];
}

/** URNs of the PersistentVolumes that a preview creates for disks, each on the disk's volume. */
export function persistentVolumesOn(
    disks: readonly Pick<ExistingDisk, "name" | "volumeId">[],
    { objects }: Preview,
    absent: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
    const volumes = new Map(disks.map(({ name, volumeId }) => [name, volumeId]));
    return new Set(
        objects
            .filter(({ kind, name }) => kind === "PersistentVolume" && absent.has(name))
            .filter(({ name, volumeId }) => volumes.get(name) === volumeId)
            .map(({ urn }) => urn),
    );
}

/**
 * Steps of a preview that adoption must not make: they would replace or delete something, or aren't the storages'.
 *
 * @param made - URNs of the PersistentVolumes that are to be created.
 */
export function strangeSteps(
    preview: Preview,
    storages: ReadonlySet<string>,
    made: ReadonlySet<string> = new Set(),
): string[] {
    return preview.steps
        .filter(({ op, urn, parent, isComponent }) => {
            const isOwn = parent !== undefined && storages.has(parent);
            const isProvider = /::pulumi:providers:/.test(urn);
            const makesDisk = op === "create" && !made.has(urn) && /(Volume|Snapshot)(Copy)?::/.test(urn);
            const isExpected = (op === "update" || op === "create") && (isOwn || isProvider) && !makesDisk;
            // A component is nothing in AWS or the cluster; its children have steps of their own.
            return !isComponent && !isExpected;
        })
        .map(stepText);
}
