import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedManifest, publishedReadme } from "./manifest";
import type { Manifest } from "./manifest";
import { packedFiles, publishedPage } from "./pages";

const root = join(__dirname, "..", "..");

/**
 * Builds the npm package for `npm pack` and `npm publish`, in a separate folder: the repository's package.json belongs
 * to the program and the plugin, which run from the sources.
 */
function build(directory: string): void {
    rmSync(directory, { recursive: true, force: true });
    // The library comes last: its files have types and source maps, and the commands import some of them.
    ["tsconfig.commands.json", "tsconfig.library.json"].forEach((config) => {
        const tsc = [require.resolve("typescript/bin/tsc"), "-p", join(__dirname, config)];
        execFileSync(process.execPath, [...tsc, "--outDir", directory], { stdio: "inherit" });
    });
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
    packedFiles().forEach((file) => {
        const text = readFileSync(join(root, file), "utf8");
        mkdirSync(join(directory, dirname(file)), { recursive: true });
        writeFileSync(
            join(directory, file),
            file.endsWith(".md") ? publishedPage(text, file, own.homepage) : text,
        );
    });
    const manifest = `${JSON.stringify(publishedManifest(own), undefined, 4)}\n`;
    writeFileSync(join(directory, "package.json"), manifest);
    const readme = readFileSync(join(__dirname, "README.md"), "utf8");
    writeFileSync(join(directory, "README.md"), publishedReadme(readme, own));
}

build(process.argv[2] ?? join(root, "dist"));
