import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { programName } from "../../tools/terminal/ownCommand";

describe("the name of the program in messages", () => {
    let folder: string;
    let started: string;
    const npx = "npx zonal-persistent-storage";

    before(() => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), "own-command-")));
        started = join(folder, "tools", "node_modules", ".bin", "zonal-persistent-storage");
        mkdirSync(dirname(started), { recursive: true });
        writeFileSync(started, "");
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is npx's where the package is installed, and below", () => {
        assert.equal(programName(join(folder, "tools"), started), npx);
        assert.equal(programName(join(folder, "tools", "storage"), started), npx);
    });

    it("is its path where npx doesn't find it", () => {
        assert.equal(programName(folder, started), "tools/node_modules/.bin/zonal-persistent-storage");
        assert.equal(
            programName(join(folder, "my stack"), started),
            "../tools/node_modules/.bin/zonal-persistent-storage",
        );
        // Some package managers start the file of the package itself.
        const file = join(folder, "tools", "node_modules", "zonal-persistent-storage", "tools", "main.js");
        assert.equal(programName(folder, file), "tools/node_modules/.bin/zonal-persistent-storage");
    });

    it("is npx's for whoever has used npx, and from the sources", () => {
        assert.equal(programName(folder, started, "exec"), npx);
        assert.equal(programName(folder, join(folder, "clone", "tools", "main.ts")), npx);
        assert.equal(programName(folder), npx);
    });
});
