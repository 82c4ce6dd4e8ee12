import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { withCli } from "../../sandbox/engine/find";

describe("the Pulumi CLI", () => {
    let directory: string;
    let elsewhere: string;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "find-cli-"));
        elsewhere = join(directory, "elsewhere");
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    const install = (...folders: string[]) => {
        const folder = join(directory, ...folders);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "pulumi"), "");
        return folder;
    };
    const pathOf = (env: NodeJS.ProcessEnv) => withCli(env).PATH?.split(delimiter);

    it("is found in its installer's folder", () => {
        const bin = install(".pulumi", "bin");
        assert.deepEqual(pathOf({ HOME: directory, PATH: elsewhere }), [bin, elsewhere]);
    });

    it("is found in PULUMI_HOME first", () => {
        install(".pulumi", "bin");
        const bin = install("its-home", "bin");
        const PULUMI_HOME = join(directory, "its-home");
        assert.deepEqual(pathOf({ HOME: directory, PULUMI_HOME, PATH: elsewhere }), [bin, elsewhere]);
        assert.deepEqual(pathOf({ HOME: directory, PULUMI_HOME: elsewhere, PATH: elsewhere }), [elsewhere]);
    });

    it("is preferred on the PATH, with its folder first", () => {
        install(".pulumi", "bin");
        const folder = install("on-the-path");
        const PATH = [elsewhere, folder].join(delimiter);
        assert.deepEqual(pathOf({ HOME: directory, PATH }), [folder, elsewhere]);
    });

    it("leaves the environment unchanged when it is missing", () => {
        const env = { HOME: directory, PATH: elsewhere };
        assert.deepEqual(withCli(env), env);
    });
});
