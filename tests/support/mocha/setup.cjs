"use strict";

const { inspect } = require("node:util");
const { Runner } = require("mocha");
const { withCli } = require("../../../sandbox/engine/find");

// Programs that tests start, such as a shell that runs a page's commands, find the CLI as well.
process.env.PATH = withCli(process.env).PATH;

/**
 * A worker hands on an error's own enumerable properties, which its cause isn't one of: what made a property fail in
 * fast-check, for one, would be lost.
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
