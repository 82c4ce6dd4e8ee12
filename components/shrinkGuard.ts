import { ResourceHook } from "@pulumi/pulumi";
import type { ResourceHookArgs } from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

const guards = new WeakMap<object, ResourceHook>();

/**
 * A hook that refuses to shrink an EBS volume already in preview; EC2 would refuse it minutes into the
 * update. One for the whole program, since names of hooks are unique. Undefined where the engine's stand-in
 * in a unit test can't register hooks (https://github.com/pulumi/pulumi/issues/20874).
 */
export function shrinkGuard(): ResourceHook | undefined {
    const monitor = getMonitor();
    if (!monitor || !("registerResourceHook" in monitor)) {
        return undefined;
    }
    const guard =
        guards.get(monitor) ??
        new ResourceHook("zonal-persistent-storage:refuse-shrink", refuseShrink, { onDryRun: true });
    guards.set(monitor, guard);
    return guard;
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
