import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/**
 * Whether an engine runs the program. In a unit test Pulumi's mocks do, which can't register hooks
 * (https://github.com/pulumi/pulumi/issues/20874).
 */
export function runsWithEngine(): boolean {
    const monitor = getMonitor() as object | undefined;
    return monitor !== undefined && "registerResourceHook" in monitor;
}
