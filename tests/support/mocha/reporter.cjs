"use strict";

const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { reporters } = require("mocha");

/**
 * Mocha's own report, which engines the tests worked with, and a last line of plain numbers for whoever reads it
 * by machine.
 */
module.exports = class extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const { stats } = this;
        const directory = mkdtempSync(join(tmpdir(), "engine-notes-"));
        const notes = join(directory, "notes");
        writeFileSync(notes, "");
        // Workers inherit it: they are started later.
        process.env.ENGINE_NOTES = notes;
        process.env.TEST_CLUSTERS = join(directory, "clusters");
        process.once("exit", () => {
            const lines = new Set(readFileSync(notes, "utf8").split("\n").filter(Boolean));
            // Clusters end with the process that has started them, and may write a last line meanwhile.
            rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
            if (lines.size === 0) {
                lines.add("no engine ran: none of these tests asks for one");
            }
            [...lines].sort().forEach((line) => console.log(line));
            console.log(`${stats.passes} passed, ${stats.failures} failed, ${stats.pending} skipped`);
        });
    }
};
