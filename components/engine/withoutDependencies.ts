import { isSecret, output, secret, unknown as placeholder } from "@pulumi/pulumi";
import type { Output, Unwrap } from "@pulumi/pulumi";

/**
 * The same value without the resources that it comes from: whoever uses it doesn't depend on those. It fails, is
 * unknown and is secret where the value is.
 */
export function withoutDependencies<T>(value: Output<T>): Output<Unwrap<T>> {
    return output(contentOf(value, placeholder)) as Output<Unwrap<T>>;
}

/** The same, but undefined where the value is unknown. */
export function ifKnown<T>(value: Output<T>): Output<Unwrap<T> | undefined> {
    return output(contentOf(value, undefined)) as Output<Unwrap<T> | undefined>;
}

async function contentOf(value: Output<unknown>, otherwise: unknown): Promise<unknown> {
    let content = otherwise;
    const applied = value.apply((known) => {
        content = known;
    });
    // Settles with the value, even with an unknown one, for which the function isn't called.
    const isHidden = await isSecret(applied);
    return isHidden ? secret(content) : content;
}
