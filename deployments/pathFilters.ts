/**
 * Files whose change can change a stack's disks: the program, its dependencies, and the stack's settings. Globs over the
 * whole path; nothing is excluded, since in Pulumi Deployments an exclusion always wins
 * (https://www.pulumi.com/docs/deployments/concepts/settings/path-filtering/).
 */
export function pathFilters(stack: string): string[] {
    return [...programFilters, `Pulumi.${stack}.yaml`];
}

/** Files that all stacks share. */
const programFilters: readonly string[] = [
    "index.ts",
    "program/**",
    "components/**",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "Pulumi.yaml",
];
