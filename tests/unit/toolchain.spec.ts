import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findToolchain } from "../../sandbox/controlPlane/toolchain";

describe("go for the sandbox's control plane", () => {
    const { PATH } = process.env;
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "toolchain-test-"));
        process.env["PATH"] = folder;
    });

    afterEach(() => {
        process.env["PATH"] = PATH;
        rmSync(folder, { recursive: true });
    });

    const find = (goMod = "module controlplane\n\ngo 1.26.0\n") =>
        findToolchain(goMod, join(folder, "caches"), new AbortController().signal);
    /** Puts a go of that version on the PATH. */
    const install = (GOVERSION: string) => {
        const answer = { GOVERSION, GOROOT: "/go1", GOMODCACHE: "/modules", GOPROXY: "off" };
        writeFileSync(join(folder, "go"), `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
        chmodSync(join(folder, "go"), 0o755);
    };

    it("is asked for if there is none", async () => {
        await assert.rejects(
            find(),
            /compiled, which needs go: install go 1\.26 or later, or any from 1\.21 on/,
        );
    });

    it("is refused if it is too old and didn't fetch another", async () => {
        install("go1.25.9");
        await assert.rejects(find(), /can't be compiled with go1\.25\.9: install go 1\.26 or later/);
    });

    it("is the one that it has fetched, with caches that go with their folder", async () => {
        install("go1.26.8");
        const { command, env } = await find();
        assert.equal(command, "/go1/bin/go");
        assert.equal(env["GOTOOLCHAIN"], "local");
        assert.equal(env["GOCACHE"], join(folder, "caches", "build"));
        assert.equal(env["GOMODCACHE"], join(folder, "caches", "modules"));
        assert.equal(env["GOPROXY"], "file:///modules/cache/download,off");
    });
});
