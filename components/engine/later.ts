import { output } from "@pulumi/pulumi";
import type { Output, Resource } from "@pulumi/pulumi";

/** Something to depend on that a resource is given before there is anything to wait for. */
export interface Later {
    readonly value: Output<Resource[]>;
    readonly settle: (value: Output<Resource[]>) => void;
}

/** Such a value, which is known when it is settled. */
export function later(): Later {
    let settle: Later["settle"] = () => undefined;
    const settled = new Promise<Output<Resource[]>>((resolve) => {
        settle = resolve;
    });
    return { value: output(settled), settle };
}
