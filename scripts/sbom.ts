import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Lockfile {
    readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const root = join(__dirname, "..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8")) as Record<string, unknown>;

/**
 * A CycloneDX bill of materials of the shipped packages, from the lockfile without development packages. npm's own
 * `--omit dev` also omits packages that both need, such as the SDK (npm 11.19).
 */
function sbom(): string {
    const { devDependencies: _dev, ...manifest } = read("package.json");
    const lockfile = read("package-lock.json") as unknown as Lockfile;
    const packages = Object.entries(lockfile.packages)
        .filter(([, { dev }]) => dev !== true)
        .map(([path, { devDependencies: _too, ...one }]) => [path, one] as const);
    const directory = mkdtempSync(join(tmpdir(), "sbom-"));
    try {
        const folder = join(directory, String(manifest["name"]));
        mkdirSync(folder);
        const files = {
            "package.json": manifest,
            "package-lock.json": { ...lockfile, packages: Object.fromEntries(packages) },
        };
        Object.entries(files).forEach(([name, content]) =>
            writeFileSync(join(folder, name), JSON.stringify(content)),
        );
        const command = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--loglevel=error"];
        return execFileSync("npm", command, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

process.stdout.write(sbom());
