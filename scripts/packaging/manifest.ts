/** Properties of the repository's package.json. */
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly description: string;
    readonly keywords: readonly string[];
    readonly license: string;
    readonly repository?: string | object;
    /** Address of the repository's files, such as `https://github.com/acme/storage/blob/main`. */
    readonly homepage?: string;
    readonly engines: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * The package.json of the npm package. Pulumi's SDKs are peer dependencies: an SDK's version selects the provider
 * plugin, so a second copy would add a second default provider.
 */
export function publishedManifest(own: Manifest): object {
    const { name, version, description, keywords, license, repository, engines } = own;
    const ranges = Object.entries(own.dependencies).map(
        ([one, exact]) => [one, rangeOf(one, exact)] as const,
    );
    const isPeer = ([one]: readonly [string, string]) => one.startsWith("@pulumi/");
    return {
        ...{ name, version, description, keywords, license, repository, engines },
        type: "commonjs",
        main: "components/index.js",
        types: "components/index.d.ts",
        exports: {
            ".": { types: "./components/index.d.ts", default: "./components/index.js" },
            "./package.json": "./package.json",
        },
        bin: { [name]: "tools/main.js" },
        sideEffects: false,
        files: ["components", "tools", "program", "docs", "CHANGELOG.md"],
        dependencies: Object.fromEntries(ranges.filter((range) => !isPeer(range))),
        peerDependencies: Object.fromEntries(ranges.filter(isPeer)),
    };
}

/** AWS' SDK drops versions of Node in minor versions: those of 2027 need Node 22. */
function rangeOf(dependency: string, exact: string): string {
    return dependency.startsWith("@aws-sdk/") ? `~${exact}` : `^${exact}`;
}

/** The README of the npm package: its links to files lead to those in the package of this version. */
export function publishedReadme(readme: string, { name, version }: Manifest): string {
    return readme.replaceAll("](../../", `](https://app.unpkg.com/${name}@${version}/files/`);
}
