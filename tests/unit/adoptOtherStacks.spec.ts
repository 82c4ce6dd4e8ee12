import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { readOtherStacks } from "../../tools/adopt/otherStacks";
import { Pulumi } from "../../tools/engine/pulumi";
import { stateOf } from "../support/scale/contents";

/** A CLI whose stacks have one disk each, and which notes which of them it was asked for. */
const script = `#!/bin/sh
case "$*" in
    "stack ls"*) cat "$FOLDER/stacks" ;;
    "stack export"*) for last; do true; done; echo "$last" >> "$FOLDER/asked"; cat "$FOLDER/state" ;;
esac
`;

describe("the other stacks of a project", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "other-stacks-"));
        writeFileSync(join(directory, "pulumi"), script);
        chmodSync(join(directory, "pulumi"), 0o755);
        writeFileSync(join(directory, "state"), stateOf({ nodes: 0, pods: 0, disks: 1 }));
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    const listed = (...stacks: readonly object[]) =>
        writeFileSync(join(directory, "stacks"), JSON.stringify(stacks));
    const asked = () => {
        const lines = readFileSync(join(directory, "asked"), "utf8").trim().split("\n");
        writeFileSync(join(directory, "asked"), "");
        return lines.map((line) => line.replace("--stack=", "")).sort();
    };

    it("are read again only if they may have changed since", async () => {
        const PATH = [directory, process.env["PATH"]].join(delimiter);
        const environment = { ...process.env, PATH, FOLDER: directory };
        const pulumi = new Pulumi(environment, undefined, () => undefined);
        const at = (name: string, minute: number, more = {}) => ({
            name,
            lastUpdate: `2026-11-27T10:0${minute}:00.000Z`,
            ...more,
        });
        const [running, never] = [at("running", 0, { updateInProgress: true }), { name: "never" }];

        listed(at("own", 0), at("same", 0), at("changed", 0), running, never);
        const first = await readOtherStacks(pulumi, { environment }, "own");
        assert.deepEqual(asked(), ["changed", "never", "running", "same"]);

        listed(at("own", 1), at("same", 0), at("changed", 1), running, never, at("new", 1));
        const second = await readOtherStacks(pulumi, { environment }, "own", first);
        assert.deepEqual(asked(), ["changed", "never", "new", "running"]);
        assert.deepEqual([...second.byVolume.keys()], [...first.byVolume.keys()]);
        assert.equal(second.byListing.size, 5);
        assert.deepEqual(second.unseen, []);
    });
});
