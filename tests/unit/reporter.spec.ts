import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project } from "../support/cluster/sandbox";

const notes = join(project, "tests", "support", "mocha", "engineNotes");

/** Another mocha with this project's settings, and tests that fail on purpose. */
describe("the report", function () {
    this.timeout(60_000);

    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "report-"))));
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    const report = (text: string, ...args: string[]) => {
        const file = join(directory, "some.spec.js");
        writeFileSync(file, text);
        const { MOCHA_WORKER_ID: _, ENGINE_NOTES: __, ...env } = process.env;
        const mocha = [require.resolve("mocha/bin/mocha.js"), ...args, file];
        return spawnSync(process.execPath, mocha, { cwd: project, env, encoding: "utf8" }).stdout;
    };

    it("has the cause of a failure in a worker", () => {
        const text = report(
            `it("fails", () => { throw new Error("a property failed", { cause: new Error("the root of it") }); });`,
            "--parallel",
        );
        assert.match(text, /a property failed[^]*Caused by: Error: the root of it\n[^]*some\.spec\.js/);
        assert.match(text, /\n0 passed, 1 failed, 0 skipped\n$/);
    });

    it("names each engine once before its last line", () => {
        const note = `require(${JSON.stringify(notes)}).noteEngine("ran with an engine")`;
        const text = report(`["a", "b"].forEach((name) => it(name, () => ${note}));`, "--parallel");
        assert.match(text, /\n\nran with an engine\n2 passed, 0 failed, 0 skipped\n$/);
    });

    it("tells that no engine ran", () => {
        const text = report(`it("needs none", () => undefined);`);
        assert.match(
            text,
            /\nno engine ran: none of these tests asks for one\n1 passed, 0 failed, 0 skipped\n$/,
        );
    });
});
