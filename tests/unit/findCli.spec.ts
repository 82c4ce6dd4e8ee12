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

    it("is found where its installer puts it", () => {
        const bin = install(".pulumi", "bin");
        assert.deepEqual(pathOf({ HOME: directory, PATH: elsewhere }), [bin, elsewhere]);
    });

    it("is found in PULUMI_HOME, and not at home then", () => {
        install(".pulumi", "bin");
        const bin = install("its-home", "bin");
        const PULUMI_HOME = join(directory, "its-home");
        assert.deepEqual(pathOf({ HOME: directory, PULUMI_HOME, PATH: elsewhere }), [bin, elsewhere]);
        assert.deepEqual(pathOf({ HOME: directory, PULUMI_HOME: elsewhere, PATH: elsewhere }), [elsewhere]);
    });

    it("on the PATH wins, and its folder, where its language hosts are, comes first", () => {
        install(".pulumi", "bin");
        const folder = install("on-the-path");
        const PATH = [elsewhere, folder].join(delimiter);
        assert.deepEqual(pathOf({ HOME: directory, PATH }), [folder, elsewhere]);
    });

    it("leaves the environment as it is where there is none", () => {
        const env = { HOME: directory, PATH: elsewhere };
        assert.deepEqual(withCli(env), env);
    });
});
