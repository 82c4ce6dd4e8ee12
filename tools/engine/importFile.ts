/** A resource that exists, and its place in the program. */
export interface ImportedResource {
    readonly type: string;
    readonly urn: string;
    /** Its id in AWS or in the cluster; undefined for a component, which has none. */
    readonly id?: string;
    /** URN of its parent. */
    readonly parent?: string;
    /** The state's reference to its provider. */
    readonly provider?: string;
}

/**
 * The file for `pulumi import` that takes resources into the state under their names in the program. A parent that the
 * file itself imports must come before its children.
 */
export function importFile(resources: readonly ImportedResource[]): string {
    const nameTable: Record<string, string> = {};
    // Two resources of different types may have one name.
    const imported = new Map(resources.map(({ urn }, index) => [urn, `imported${index}`]));
    const key = (urn: string) => {
        const known = Object.entries(nameTable).find(([, value]) => value === urn)?.[0];
        const name = known ?? `resource${Object.keys(nameTable).length}`;
        nameTable[name] = urn;
        return name;
    };
    const entries = resources.map(({ type, urn, id, parent, provider }) => ({
        type,
        name: imported.get(urn),
        logicalName: lastPart(urn),
        ...(id === undefined ? { component: true } : { id }),
        ...(parent !== undefined && { parent: imported.get(parent) ?? key(parent) }),
        ...(isExplicit(provider) && { provider: key(urnOf(provider)) }),
    }));
    return JSON.stringify({ nameTable, resources: entries }, undefined, 2);
}

/** Whether the program created the provider. The CLI finds default providers itself. */
export function isExplicit(provider: string | undefined): provider is string {
    return provider !== undefined && !lastPart(urnOf(provider)).startsWith("default");
}

/** URN in the state's reference to a provider, which is the URN and an id. */
export function urnOf(provider: string): string {
    return provider.split("::").slice(0, -1).join("::");
}

function lastPart(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}
