import { ResourceHook } from "@pulumi/pulumi";
import type { ResourceHookArgs, ResourceHookBinding } from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/** Hooks that look at a volume before the engine touches it, in preview already. */
interface Guards {
    readonly shrink: ResourceHook;
    readonly emptyMove: ResourceHook;
}

const registered = new WeakMap<object, Guards>();

/**
 * What refuses to shrink a volume, where EC2 would only say so minutes into the update, and, for a volume
 * that a disk is moved to, to create it empty.
 *
 * @param isMoved - Whether the volume has to come from a snapshot.
 * @returns undefined where the engine's stand-in in a unit test can't register hooks
 * (https://github.com/pulumi/pulumi/issues/20874).
 */
export function guardsOf(isMoved: boolean): ResourceHookBinding | undefined {
    const monitor = getMonitor();
    if (!monitor || !("registerResourceHook" in monitor)) {
        return undefined;
    }
    // One of each for the whole program, since names of hooks are unique.
    const guards = registered.get(monitor) ?? {
        shrink: hook("refuse-shrink", refuseShrink),
        emptyMove: hook("refuse-empty-move", refuseEmptyMove),
    };
    registered.set(monitor, guards);
    return { beforeUpdate: [guards.shrink], ...(isMoved && { beforeCreate: [guards.emptyMove] }) };
}

function hook(name: string, callback: (args: ResourceHookArgs) => void): ResourceHook {
    return new ResourceHook(`zonal-persistent-storage:${name}`, callback, { onDryRun: true });
}

/** @throws Error if an update would make the volume smaller. */
export function refuseShrink({ name, oldInputs, newInputs }: ResourceHookArgs): void {
    const [from, to] = [oldInputs, newInputs].map(
        (inputs) => (inputs as { size?: number } | undefined)?.size,
    );
    if (from !== undefined && to !== undefined && to < from) {
        throw new Error(
            `size of volume ${name} can't shrink from ${from} to ${to} GiB, EBS volumes only grow: ` +
                `set sizeGiB to ${from} or more, or move the data to a new volume`,
        );
    }
}

/** @throws Error if the volume would be created without a snapshot. */
export function refuseEmptyMove({ name, newInputs }: ResourceHookArgs): void {
    const { snapshotId } = newInputs as { snapshotId?: unknown };
    if (snapshotId === undefined || snapshotId === null || snapshotId === "") {
        throw new Error(
            `volume ${name} can't be created without a snapshot, it would be empty: the volume that the disk is moved ` +
                "from has none that is complete. Give the move's snapshotId, or from NewSnapshot while the volume can be read",
        );
    }
}
