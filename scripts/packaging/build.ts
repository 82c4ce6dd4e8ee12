import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedManifest } from "./manifest";
import type { Manifest } from "./manifest";

const root = join(__dirname, "..", "..");

/**
 * Builds the npm package for `npm pack` and `npm publish`, in a separate folder: the repository's package.json belongs
 * to the program and the plugin, which run from the sources.
 */
function build(directory: string): void {
    rmSync(directory, { recursive: true, force: true });
    const tsc = [require.resolve("typescript/bin/tsc"), "-p", join(__dirname, "tsconfig.library.json")];
    execFileSync(process.execPath, [...tsc, "--outDir", join(directory, "lib")], { stdio: "inherit" });
    const pages = readdirSync(join(root, "docs")).filter((file) => /\.(md|json|yaml)$/.test(file));
    ["README.md", "CHANGELOG.md", "LICENSE", ...pages.map((page) => join("docs", page))].forEach((file) =>
        cpSync(join(root, file), join(directory, file)),
    );
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
    writeFileSync(
        join(directory, "package.json"),
        `${JSON.stringify(publishedManifest(own), undefined, 4)}\n`,
    );
}

build(process.argv[2] ?? join(root, "dist"));
