import { Output } from "@pulumi/pulumi/output";
import type { OutputInstance } from "@pulumi/pulumi";

/** Whether a value comes later: it is checked once it is there. */
export function isDeferred<T>(value: unknown): value is OutputInstance<T> | Promise<T> {
    return Output.isInstance(value) || value instanceof Promise;
}

/** Whether something in a value comes later. */
export function hasDeferred(value: unknown): boolean {
    return (
        isDeferred(value) ||
        (typeof value === "object" && value !== null && Object.values(value).some(hasDeferred))
    );
}
