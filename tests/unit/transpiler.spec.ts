import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { transpile } = createRequire(__filename)("../../transpiler.cjs") as {
    transpile: (source: string, filePath: string, folder: string) => string;
};

const source = `
import { basename } from "node:path";
import type { ParsedPath } from "node:path";

/** A comment. */
export const nameOf = (path: string): string => basename(path);
export type Path = ParsedPath;
export const later = () => import("node:fs");
`;

describe("the transpiler", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "transpiler-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const lineOf = (text: string, part: string) => text.split("\n").findIndex((line) => line.includes(part));

    it("removes types and leaves every line where it is", () => {
        const made = transpile(source, "a.ts", folder);
        assert.doesNotMatch(made, /: string|ParsedPath/);
        for (const part of ["A comment", "nameOf", "later"]) {
            assert.equal(lineOf(made, part), lineOf(source, part), part);
        }
        assert.match(made, /require\('node:path'\)/);
        assert.match(made, /import\("node:fs"\)/);
    });

    it("takes what it made of the same text before, wherever the file is", () => {
        transpile(source, "a.ts", folder);
        const [kept, ...others] = readdirSync(folder);
        assert.deepEqual(others, []);
        writeFileSync(join(folder, String(kept)), "// kept");
        assert.equal(transpile(source, "b.ts", folder), "// kept");
        assert.notEqual(transpile(`${source}\n`, "a.ts", folder), "// kept");
        assert.equal(readdirSync(folder).length, 2);
    });

    it("works where nothing can be kept", () => {
        const file = join(folder, "file");
        writeFileSync(file, "not a folder");
        assert.match(transpile(source, "a.ts", join(file, "cache")), /nameOf/);
        assert.equal(readFileSync(file, "utf8"), "not a folder");
    });

    it("keeps nothing of a source with a mistake, and names its file and line", () => {
        assert.throws(() => transpile("\nconst a: = 1;", "a.ts", folder), /a\.ts.*\(2:/);
        assert.deepEqual(readdirSync(folder), []);
    });
});
