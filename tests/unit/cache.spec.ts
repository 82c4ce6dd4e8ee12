import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cached } from "../../sandbox/cache";

describe("cache of the sandbox", () => {
    const home = process.env["XDG_CACHE_HOME"];
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "cache-test-"));
        process.env["XDG_CACHE_HOME"] = directory;
    });

    afterEach(() => {
        if (home === undefined) {
            delete process.env["XDG_CACHE_HOME"];
        } else {
            process.env["XDG_CACHE_HOME"] = home;
        }
        rmSync(directory, { recursive: true });
    });

    const entries = () => readdirSync(join(directory, "zonal-persistent-storage"));
    /** Gets an entry that takes a moment to build, and counts builds. */
    const get = (builds: string[], report = (_: string) => undefined) =>
        cached({
            name: "entry",
            inputs: ["a"],
            build: async (folder) => {
                builds.push(folder);
                await sleep(50);
                writeFileSync(join(folder, "file"), "built");
            },
            report,
            signal: new AbortController().signal,
        });

    it("builds once for two that ask at the same time, and tells the second one that it waits", async () => {
        const builds: string[] = [];
        const reports: string[] = [];
        const report = (line: string) => void reports.push(line);
        const [one, other] = await Promise.all([get(builds, report), get(builds, report)]);
        assert.deepEqual([builds.length, one], [1, other]);
        assert.equal(readFileSync(join(one, "file"), "utf8"), "built");
        assert.match(
            reports.join("\n"),
            new RegExp(`^waiting for process ${process.pid}, .* delete \\S+\\.lock`),
        );
        assert.deepEqual(
            entries().filter((name) => name.endsWith(".lock")),
            [],
        );
    });

    it("takes over the lock of a process that was killed", async () => {
        const { pid } = spawnSync("true");
        const builds: string[] = [];
        await get(builds);
        const [link = ""] = entries().filter((name) => !builds.some((folder) => folder.endsWith(name)));
        rmSync(join(directory, "zonal-persistent-storage", link));
        symlinkSync(String(pid), join(directory, "zonal-persistent-storage", `${link}.lock`));
        await get(builds);
        assert.equal(builds.length, 2);
    });

    it("names XDG_CACHE_HOME when its folder can't be written to", async () => {
        process.env["XDG_CACHE_HOME"] = __filename;
        const entry = {
            name: "none",
            inputs: [],
            build: () => assert.fail("nothing is built"),
            report: () => undefined,
            signal: new AbortController().signal,
        };
        await assert.rejects(
            cached(entry),
            /^Error: can't write to \S+: set XDG_CACHE_HOME to a folder that /,
        );
    });
});
