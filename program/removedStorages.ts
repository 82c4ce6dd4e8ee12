import { childTypes, storageType, volumeTypes } from "../components/engine/resourceTypes";
import type { StackState } from "../components/engine/stackState";
import { recordedProtection, recordedDisks } from "../components/history/recordedDisks";

/** Types of a disk's resources, below those of their storage. */
const diskTypes: readonly string[] = [...volumeTypes, childTypes.persistentVolume].map(
    (type) => `${storageType}$${type}`,
);

/**
 * Storages of the state that the program doesn't have any more, although their volumes are protected: the engine would
 * refuse to delete those when their PersistentVolumes are deleted already.
 *
 * @param names - Names that the program's storages have or had.
 * @returns a line for each.
 */
export function removedProblems(state: StackState, names: readonly string[]): string[] {
    return [...renamedProblems(state, names), ...protectedStorages(state, names)];
}

/** Disks whose storage has another name already: a rename that didn't end, without its alias. */
function renamedProblems(state: StackState, names: readonly string[]): string[] {
    const resources = Object.keys(state).map(partsOf);
    const known = resources.filter(({ types }) => types === storageType).map(({ name }) => name);
    const isOf = (storage: string, disk: string) =>
        disk.startsWith(storage) && /^-\d+(-moved-\d+)?$/.test(disk.slice(storage.length));
    const orphans = resources
        .flatMap(({ types, name }) => (diskTypes.includes(types) ? name : []))
        .filter((disk) => ![...known, ...names].some((storage) => isOf(storage, disk)));
    return [...new Set(orphans.map((disk) => disk.replace(/-\d+(-moved-\d+)?$/, "")))].map(
        (owner) =>
            `aliases: [${owner}] is missing: disks in the state still have the name ${owner} of a storage that was ` +
            "renamed, and would be deleted. The storage needs this alias until pulumi up has ended without an error",
    );
}

function protectedStorages(state: StackState, names: readonly string[]): string[] {
    return Object.keys(state).flatMap((urn) => {
        const { types, name } = partsOf(urn);
        if (
            types !== storageType ||
            names.includes(name) ||
            recordedProtection(state, [{ name, urn }]) !== true
        ) {
            return [];
        }
        const disks = [...recordedDisks(state, [{ name, urn }]).values()];
        const ids = disks.flatMap(({ volumes }) => [...volumes.values()].map(({ id }) => id));
        return ids.length === 0
            ? []
            : [
                  `storages.${name} must stay: its volumes are protected, ${ids.join(", ")}. If it has another name now, that ` +
                      `storage needs aliases: [${name}]; if it is to be removed, set its protect to false and run pulumi up first`,
              ];
    });
}

/** Types and name in a URN; a name may have the separator in it. */
function partsOf(urn: string): { types: string; name: string } {
    const [, , types = "", ...name] = urn.split("::");
    return { types, name: name.join("::") };
}
