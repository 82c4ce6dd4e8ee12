import { runtime } from "@pulumi/pulumi";
import { createRequire } from "node:module";

/** The program, in which a deletion that is blocked is given up after seconds, not after the component's 90. */
runtime.registerStackTransformation(({ props, opts }) => ({
    props,
    opts: { ...opts, ...(opts.customTimeouts?.delete === "90s" && { customTimeouts: { delete: "10s" } }) },
}));

module.exports = createRequire(__filename)("../../../../index") as object;
