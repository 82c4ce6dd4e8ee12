import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import type { Manifest } from "./packaging/manifest";

const root = join(__dirname, "..");

/** The package's schema, by the sources: the contents of schema.json. */
export function packageSchema(): string {
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest & {
        exports: string;
    };
    const { name, version, description } = own;
    const entry = join(root, own.exports);
    // Pulumi's analyzer compiles all that the tsconfig.json of its folder includes: here the component alone.
    const folder = mkdtempSync(join(tmpdir(), "schema-"));
    try {
        const config = { extends: join(root, "tsconfig.json"), include: [], files: [entry] };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
        const component = new Set(["ZonalPersistentStorage"]);
        const analyzer = new Analyzer(folder, name, { ...own, exports: entry }, component);
        const { components, typeDefinitions, dependencies } = analyzer.analyze();
        const schema = generateSchema(name, version, description, components, typeDefinitions, dependencies);
        return `${JSON.stringify(schema, undefined, 4)}\n`;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

if (require.main === module) {
    writeFileSync(join(root, "schema.json"), packageSchema());
}
