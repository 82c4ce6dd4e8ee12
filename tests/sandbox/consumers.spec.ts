import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project } from "../support/cluster/sandbox";
import { fences } from "../support/pages/fences";

/** The unit tests of docs/consumers.md, in a project that imports the component. */
describe("the mocks of docs/consumers.md", function () {
    this.timeout(180_000);

    let directory: string;
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "consumer-"));
        const [mocks = "", mocha = "", vitest = ""] = fences("docs/consumers.md")
            .filter(({ section }) => section === "Unit tests")
            .map(({ text }) => text);
        const [program = ""] = fences("docs/consumers.md")
            .filter(({ section, language }) => section === "From npm" && language === "typescript")
            .map(({ text }) => text);
        const files = {
            "mocks.ts": mocks,
            "storage.ts": program,
            "mocha.ts": mocha,
            "vitest.test.ts": vitest,
        };
        Object.entries(files).forEach(([file, text]) => writeFileSync(join(directory, file), text));
        const compilerOptions = { module: "node16", moduleResolution: "node16", target: "es2022" };
        writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
        writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true }));
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    const link = () => {
        mkdirSync(join(directory, "node_modules"), { recursive: true });
        symlinkSync(join(project, "node_modules", "@pulumi"), join(directory, "node_modules", "@pulumi"));
        symlinkSync(project, join(directory, "node_modules", "zonal-persistent-storage"));
    };
    const run = (program: string, ...args: string[]) =>
        spawnSync(program, args, { cwd: directory, encoding: "utf8" });

    it("work with vitest", function () {
        // The newest major version for Node.js 20.
        const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", "vitest@4.1.12"];
        const { status: installed, stderr: reason } = run("npm", ...install);
        if (installed !== 0) {
            console.log(`      vitest can't be installed: ${reason.trim().split("\n")[0]}`);
            this.skip();
        }
        link();
        const vitest = join(directory, "node_modules", "vitest", "vitest.mjs");
        const { status, stdout, stderr } = run(process.execPath, vitest, "run", "--root", directory);
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /2 passed/);
        rmSync(join(directory, "node_modules"), { recursive: true, force: true });
    });

    it("work with mocha", () => {
        link();
        symlinkSync(join(project, "node_modules", "mocha"), join(directory, "node_modules", "mocha"));
        const { status, stdout, stderr } = run(
            process.execPath,
            require.resolve("mocha/bin/mocha.js"),
            "--no-config",
            "--require",
            require.resolve("ts-node/register/transpile-only"),
            join(directory, "mocha.ts"),
        );
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /2 passing/);
    });
});
