/**
 * Whether a push with these changed files starts a deployment, by the documentation of Pulumi Deployments
 * (https://www.pulumi.com/docs/deployments/concepts/settings/path-filtering/): one file has to match an include
 * filter, and no exclude filter, with its whole path.
 */
export function startsDeployment(filters: readonly string[], changed: readonly string[]): boolean {
    const excluding = filters.filter((filter) => filter.startsWith("!")).map((filter) => filter.slice(1));
    const including = filters.filter((filter) => !filter.startsWith("!"));
    return changed.some(
        (file) =>
            (including.length === 0 || including.some((glob) => matches(glob, file))) &&
            !excluding.some((glob) => matches(glob, file)),
    );
}

function matches(glob: string, file: string): boolean {
    const pattern = glob
        .split(/(\*\*|\*)/)
        .map((part) => ({ "**": ".*", "*": "[^/]*" })[part] ?? part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join("")}$`).test(file);
}
