import { Output } from "@pulumi/pulumi";

/** Whether a value comes later: it is checked once it is there. */
export function isDeferred(value: unknown): value is Output<unknown> | Promise<unknown> {
    return Output.isInstance(value) || value instanceof Promise;
}
