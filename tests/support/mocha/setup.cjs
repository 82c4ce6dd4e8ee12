"use strict";

const { inspect } = require("node:util");
const { Runner } = require("mocha");
const { withCli } = require("../../../sandbox/engine/find");

// For child processes, such as a shell that runs a page's commands.
process.env.PATH = withCli(process.env).PATH;

/**
 * Makes the cause of an error enumerable: a worker reports only enumerable properties, and fast-check puts the reason
 * of a failure into the cause.
 */
if (process.env.MOCHA_WORKER_ID !== undefined) {
    const { fail } = Runner.prototype;
    Runner.prototype.fail = function (test, error, force) {
        if (error instanceof Error && error.cause !== undefined) {
            const stack = inspect(error.cause);
            const value = { message: stack.split("\n")[0], stack };
            Object.defineProperty(error, "cause", { value, enumerable: true, configurable: true });
        }
        return fail.call(this, test, error, force);
    };
}
