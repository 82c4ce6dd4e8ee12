"use strict";

const { reporters } = require("mocha");

/** Mocha's own report, and a last line of plain numbers for whoever reads it by machine. */
module.exports = class extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const { stats } = this;
        process.once("exit", () => {
            console.log(`${stats.passes} passed, ${stats.failures} failed, ${stats.pending} skipped`);
        });
    }
};
