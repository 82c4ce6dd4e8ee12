import assert from "node:assert/strict";
import { cached } from "../../sandbox/cache";

describe("the sandbox's cache", () => {
    const before = process.env["XDG_CACHE_HOME"];
    afterEach(() => {
        if (before === undefined) {
            delete process.env["XDG_CACHE_HOME"];
        } else {
            process.env["XDG_CACHE_HOME"] = before;
        }
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
