import type { V1PersistentVolume } from "@kubernetes/client-node";
import { volumeIdOf } from "../inspect/persistentVolumes";
import type { PlannedObject } from "../engine/preview";
import type { StateObject } from "./recoverState";

/** An object of the cluster, with its field managers. */
export interface LiveObject {
    readonly managers: readonly string[];
}

/** An existing object that the next update would create. */
export interface ExistingObject {
    readonly planned: PlannedObject;
    readonly live: LiveObject;
}

/** Facts that tell this stack's objects from those of others. */
export interface Ownership {
    /** URNs of the state's pending creations. */
    readonly interrupted: ReadonlySet<string>;
    /** Ids of the state's volumes. */
    readonly volumeIds: ReadonlySet<string>;
    /** Names of the PersistentVolumes in the state or in the next update. */
    readonly persistentVolumeNames: ReadonlySet<string>;
    readonly persistentVolumes: readonly V1PersistentVolume[];
}

/** An object that the state has for another resource, which the same update would delete it for. */
export function recordedElsewhere(
    { urn, kind, namespace, name }: PlannedObject,
    recorded: readonly StateObject[],
): StateObject | undefined {
    return recorded.find(
        (one) => one.urn !== urn && one.kind === kind && one.namespace === namespace && one.name === name,
    );
}

/** Field managers of Pulumi's Kubernetes provider (4.34, provider.go fieldManagerName, await.go Creation). */
const ownManager = /^pulumi-kubernetes(-[0-9a-f]+)?$/;

/**
 * Sorts existing objects: those that an interrupted or failed update of this stack created but did not record, which
 * the next update may take over, and those of others, which it must not.
 */
export function sortPresent(
    present: readonly ExistingObject[],
    ours: Ownership,
): { readonly takenOver: readonly PlannedObject[]; readonly foreign: readonly PlannedObject[] } {
    const takenOver = present.filter((one) => isOurs(one, ours)).map(({ planned }) => planned);
    return {
        takenOver,
        foreign: present.map(({ planned }) => planned).filter((planned) => !takenOver.includes(planned)),
    };
}

function isOurs({ planned, live }: ExistingObject, ours: Ownership): boolean {
    if (ours.interrupted.has(planned.urn)) {
        return true;
    }
    if (!isMadeByPulumi(live)) {
        return false;
    }
    const { kind, name } = planned;
    const itself = ours.persistentVolumes.find(({ metadata }) => metadata?.name === name);
    const volumeId = itself && volumeIdOf(itself);
    switch (kind) {
        case "PersistentVolume":
            // The settings may name a volume that isn't the stack's.
            return volumeId !== undefined && (ours.volumeIds.has(volumeId) || planned.volumeId === volumeId);
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

/** Field managers in the provider's message on a conflict; undefined if it has none. */
export function conflictManagers(text: string): string[] | undefined {
    const managers = [...text.matchAll(/conflicts? with "([^"]+)"/g)].map(([, manager = ""]) => manager);
    return managers.length === 0 ? undefined : [...new Set(managers)].sort();
}

/** Whether a conflict is only with fields of interrupted updates. */
export function isOwnConflict(text: string): boolean {
    return conflictManagers(text)?.every((manager) => ownManager.test(manager)) ?? false;
}

/**
 * Field managers of interrupted updates, beside the one in the state. A later change of their fields would be refused
 * as a conflict.
 */
export function orphanedManagers({ managers }: LiveObject, inState: string | undefined): string[] {
    // Without a number it is of a plain creation: the provider takes over its fields at the next update.
    const isOrphan = (manager: string) => ownManager.test(manager) && manager !== "pulumi-kubernetes";
    return inState === undefined ? [] : managers.filter((one) => isOrphan(one) && one !== inState);
}
