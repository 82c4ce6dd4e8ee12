import { ComponentResource, Config, log, RunError, secret } from "@pulumi/pulumi";

/** Ways in which a program ends, by name. */
const endings: Readonly<Record<string, () => unknown>> = {
    "without an error": () => ({ plain: 1, hidden: secret("value") }),
    "with a warning": () => void log.warn("a warning", new ComponentResource("test:index:Thing", "thing")),
    "with a RunError": () => {
        throw new RunError("a user's mistake");
    },
    "with an exception": () => {
        throw new TypeError("an exception");
    },
    "with something thrown that is no error": () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw "a text";
    },
    "with a rejected promise": () => void Promise.reject(new Error("a rejection")),
    "with two errors": () => {
        void Promise.reject(new RunError("the first"));
        void Promise.reject(new RunError("the second"));
    },
};

module.exports = endings[new Config().require("ending")]?.();
