import { all, createUrn, interpolate, output } from "@pulumi/pulumi";
import { withoutDependencies } from "./withoutDependencies";
import type { Alias, ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";

/** A component by the name and the URN that it has or had. */
export interface Component {
    readonly name: string;
    readonly urn: string;
}

/** Names that a component and its children had before. */
export interface FormerNames {
    /** The component under each of them. */
    readonly components: Output<Component[]>;
    /** Aliases of a child, whose name begins with the component's. */
    of(childName: string): Input<Alias>[];
}

/**
 * Aliases for the children of a component that was renamed or has another parent.
 *
 * The engine gives children the aliases of their component only in the update in which the component itself is
 * renamed. Where that one fails half way, the children that it hasn't come to would be other resources to the next:
 * new, empty volumes in the place of those that hold the data.
 */
export function formerNames(
    name: string,
    type: string,
    { aliases = [], parent }: Pick<ComponentResourceOptions, "aliases" | "parent"> = {},
): FormerNames {
    const formerly = aliases.map((alias) =>
        output(alias).apply((known) => {
            if (typeof known === "string") {
                return { name: known.split("::").at(-1) ?? name, urn: known };
            }
            const former = known.name ?? name;
            const formerParent = "parent" in known ? known.parent : parent;
            return { name: former, urn: createUrn(former, type, formerParent, known.project, known.stack) };
        }),
    );
    return {
        components: all(formerly),
        of: (childName) =>
            formerly.map((component) => ({
                name: interpolate`${component.name}${childName.slice(name.length)}`,
                parent: component.urn,
            })),
    };
}

/** The component under the name that it has, and then those that it had: known before the engine has registered it. */
export function allNames(
    name: string,
    type: string,
    former: FormerNames,
    { parent }: Pick<ComponentResourceOptions, "parent"> = {},
): Output<Component[]> {
    const known = all([createUrn(name, type, parent), former.components]).apply(([own, others]) => [
        { name, urn: own },
        ...others,
    ]);
    // To depend on the component is to depend on all its children, and none of those may wait for itself.
    return withoutDependencies(known);
}
