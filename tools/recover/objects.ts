import type { V1PersistentVolume } from "@kubernetes/client-node";
import { volumeIdOf } from "../inspect/persistentVolumes";
import type { PlannedObject } from "./preview";

/** An object of the cluster, as far as it says who made it. */
export interface LiveObject {
    readonly managers: readonly string[];
}

/** An object that the next update would make and that is there already. */
export interface Present {
    readonly planned: PlannedObject;
    readonly live: LiveObject;
}

/** Marks that tell this stack's objects from those of others. */
export interface Ours {
    /** URNs that interrupted updates were making. */
    readonly interrupted: ReadonlySet<string>;
    /** Ids of the state's volumes. */
    readonly volumeIds: ReadonlySet<string>;
    /** Names of the PersistentVolumes that the state has or that the next update makes. */
    readonly persistentVolumeNames: ReadonlySet<string>;
    readonly persistentVolumes: readonly V1PersistentVolume[];
}

/** Managers that Pulumi's Kubernetes provider gives itself (4.34, provider.go fieldManagerName, await.go Creation). */
const ownManager = /^pulumi-kubernetes(-[0-9a-f]+)?$/;

/**
 * Sorts objects that are there already: those that an interrupted or failed update of this stack made and didn't write
 * down, which the next update may take over, and those of others, which it must not.
 */
export function sortPresent(
    present: readonly Present[],
    ours: Ours,
): { readonly takenOver: readonly PlannedObject[]; readonly foreign: readonly PlannedObject[] } {
    const takenOver = present.filter((one) => isOurs(one, ours)).map(({ planned }) => planned);
    return {
        takenOver,
        foreign: present.map(({ planned }) => planned).filter((planned) => !takenOver.includes(planned)),
    };
}

function isOurs({ planned, live }: Present, ours: Ours): boolean {
    if (ours.interrupted.has(planned.urn)) {
        return true;
    }
    if (!isMadeByPulumi(live)) {
        return false;
    }
    const { kind, name } = planned;
    const itself = ours.persistentVolumes.find(({ metadata }) => metadata?.name === name);
    switch (kind) {
        case "PersistentVolume":
            return itself !== undefined && ours.volumeIds.has(volumeIdOf(itself) ?? "");
        case "PersistentVolumeClaim":
            return ours.persistentVolumeNames.has(planned.persistentVolumeName ?? "");
        case "StorageClass":
            return ours.persistentVolumes
                .filter(({ spec }) => spec?.storageClassName === name)
                .every(({ metadata }) => ours.persistentVolumeNames.has(metadata?.name ?? ""));
        default:
            return false;
    }
}

/** Whether Pulumi's Kubernetes provider has set fields of an object. */
export function isMadeByPulumi({ managers }: LiveObject): boolean {
    return managers.some((manager) => ownManager.test(manager));
}

/** Managers in what the provider says of a conflict; undefined if it says of none. */
export function conflictManagers(text: string): string[] | undefined {
    const managers = [...text.matchAll(/conflicts? with "([^"]+)"/g)].map(([, manager = ""]) => manager);
    return managers.length === 0 ? undefined : [...new Set(managers)].sort();
}

/** Whether a conflict is only with what interrupted updates of Pulumi's own have set. */
export function isOwnConflict(text: string): boolean {
    return conflictManagers(text)?.every((manager) => ownManager.test(manager)) ?? false;
}

/**
 * Managers of interrupted updates that hold fields of an object beside the one in the state. A later change of a field
 * would be refused as a conflict with them.
 */
export function orphanedManagers({ managers }: LiveObject, inState: string | undefined): string[] {
    // The one without a number is of plain creations: the provider itself takes its fields over at the next update.
    const isOrphan = (manager: string) => ownManager.test(manager) && manager !== "pulumi-kubernetes";
    return inState === undefined ? [] : managers.filter((one) => isOrphan(one) && one !== inState);
}
