/** Properties of the repository's package.json. */
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly description: string;
    readonly keywords: readonly string[];
    readonly license: string;
    readonly engines: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * The package.json of the npm package. Pulumi's SDKs are peer dependencies: an SDK's version selects the provider
 * plugin, so a second copy would add a second default provider.
 */
export function publishedManifest(own: Manifest): object {
    const { name, version, description, keywords, license, engines } = own;
    const ranges = Object.entries(own.dependencies).map(([one, exact]) => [one, `^${exact}`] as const);
    const isPeer = ([one]: readonly [string, string]) => one.startsWith("@pulumi/");
    return {
        ...{ name, version, description, keywords, license, engines },
        main: "lib/index.js",
        types: "lib/index.d.ts",
        exports: {
            ".": { types: "./lib/index.d.ts", default: "./lib/index.js" },
            "./package.json": "./package.json",
        },
        sideEffects: false,
        files: ["lib", "docs", "CHANGELOG.md"],
        dependencies: Object.fromEntries(ranges.filter((range) => !isPeer(range))),
        peerDependencies: Object.fromEntries(ranges.filter(isPeer)),
    };
}
