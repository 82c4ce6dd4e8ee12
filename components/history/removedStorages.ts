import { storageType } from "../engine/stackState";
import type { StackState } from "../engine/stackState";
import { isRecordedProtected, recordedDisks } from "./recordedDisks";

/**
 * Storages of the state that the program doesn't have any more, although their volumes are protected: the engine would
 * refuse to delete those when their PersistentVolumes are deleted already.
 *
 * @param names - Names that the program's storages have or had.
 * @returns a line for each.
 */
export function removedProblems(state: StackState, names: readonly string[]): string[] {
    return Object.keys(state).flatMap((urn) => {
        const [, , types, name = ""] = urn.split("::");
        if (types !== storageType || names.includes(name) || !isRecordedProtected(state, [{ name, urn }])) {
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
