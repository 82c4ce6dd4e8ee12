import { output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";

/** A value for something that has to be there before the value is. */
export interface Later<T> {
    readonly value: Output<T>;
    readonly settle: (value: Output<T>) => void;
}

/** Such a value, which is known when it is settled. */
export function later<T>(): Later<T> {
    let settle: Later<T>["settle"] = () => undefined;
    const settled = new Promise<Output<T>>((resolve) => {
        settle = resolve;
    });
    return { value: output(settled) as Output<T>, settle };
}
