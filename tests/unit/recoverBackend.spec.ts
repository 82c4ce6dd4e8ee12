import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { damagedFiles, directoryOf, isAlive, locksIn, locksInMessage } from "../../tools/engine/backend";

/** Files below a folder `.pulumi`, by path. */
function stateFolder(files: Readonly<Record<string, string>>) {
    const directory = mkdtempSync(join(tmpdir(), "recover-"));
    Object.entries(files).forEach(([path, content]) => {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), content);
    });
    return { directory, project: "shop", stack: "dev" };
}

const lock = { pid: 4711, username: "ana", hostname: "laptop", timestamp: "2026-11-24T10:00:00Z" };
const lockPath = "locks/organization/shop/dev/5c9e.json";

describe("backend of an interrupted update", () => {
    it("is a folder for file addresses, with any options", () => {
        assert.equal(directoryOf("file:///var/state?metadata=skip"), "/var/state/.pulumi");
        assert.equal(directoryOf("file://~/state"), join(homedir(), "state", ".pulumi"));
        assert.equal(directoryOf("file://./state", "/project"), "/project/state/.pulumi");
        assert.equal(directoryOf("https://api.pulumi.com"), undefined);
        assert.equal(directoryOf("s3://bucket"), undefined);
    });

    it("returns the locks of this stack only", () => {
        const folder = stateFolder({
            [lockPath]: JSON.stringify(lock),
            "locks/organization/shop/prod/1.json": JSON.stringify({ ...lock, pid: 1 }),
            "locks/organization/another/dev/2.json": JSON.stringify({ ...lock, pid: 2 }),
        });
        assert.deepEqual(locksIn(folder), [lock]);
        rmSync(folder.directory, { recursive: true });
    });

    it("finds damaged files and incomplete copies beside the state", () => {
        const folder = stateFolder({
            "stacks/shop/dev.json": "{}",
            "stacks/shop/dev.json.attrs": "",
            "stacks/shop/dev.json.bak.attrs": '{"user.cache_control":',
            "stacks/shop/dev.json.18ac3f.tmp": "{",
            "stacks/shop/development.json.attrs": "",
            "stacks/another/dev.json.attrs": "",
            "history/shop/dev/dev-1.history.json.attrs": '{"md5":"x"}',
            [`${lockPath}.attrs`]: "",
            "meta.yaml.attrs": "",
        });
        const found = damagedFiles(folder).map((file) => file.slice(folder.directory.length + 1));
        assert.deepEqual(found.sort(), [
            `${lockPath}.attrs`,
            "meta.yaml.attrs",
            "stacks/shop/dev.json.18ac3f.tmp",
            "stacks/shop/dev.json.attrs",
            "stacks/shop/dev.json.bak.attrs",
        ]);
        rmSync(folder.directory, { recursive: true });
    });

    it("reads all stacks of the project when the stack's name is unknown", () => {
        const folder = stateFolder({ "stacks/shop/dev.json.attrs": "", "stacks/shop/prod.json.attrs": "" });
        assert.equal(damagedFiles({ ...folder, stack: undefined }).length, 2);
        rmSync(folder.directory, { recursive: true });
    });

    it("distinguishes ended and running processes, and those of other machines", () => {
        const { pid } = spawnSync(process.execPath, ["--version"]);
        assert.equal(isAlive({ ...lock, hostname: hostname(), pid }), false);
        assert.equal(isAlive({ ...lock, hostname: `not-${hostname()}` }), undefined);
    });

    it("ignores another program with the same process id", function () {
        if (process.platform !== "linux") {
            this.skip();
        }
        assert.equal(isAlive({ ...lock, hostname: hostname(), pid: 1 }), false);
    });

    it("reads locks in the CLI's message", () => {
        const said = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://bucket/.pulumi/locks/organization/shop/dev/5c9e.json: created by ana@laptop (pid 4711) at 2026-11-24T10:00:00Z`;
        assert.deepEqual(locksInMessage(said), [lock]);
        assert.deepEqual(locksInMessage("error: no stack selected"), []);
    });
});
