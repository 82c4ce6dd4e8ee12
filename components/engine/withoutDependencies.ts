import { output } from "@pulumi/pulumi";
import type { Output, Unwrap } from "@pulumi/pulumi";

/** The same value without the resources that it comes from: whoever uses it doesn't depend on those. */
export function withoutDependencies<T>(value: Output<T>): Output<Unwrap<T>> {
    return output(new Promise<T>((resolve) => value.apply(resolve)));
}
