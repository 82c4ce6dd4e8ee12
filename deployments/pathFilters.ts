/**
 * What a change of a stack's disks can come from: the program, what it is installed from, and the stack's own
 * settings. Globs over the whole path; nothing is excluded, since in Pulumi Deployments an exclusion always wins
 * (https://www.pulumi.com/docs/deployments/concepts/settings/path-filtering/).
 */
export function pathFilters(stack: string): string[] {
    return [...programFilters, `Pulumi.${stack}.yaml`];
}

/** What all stacks have in common. */
export const programFilters: readonly string[] = [
    "index.ts",
    "program/**",
    "components/**",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "Pulumi.yaml",
];
