import { runtime } from "@pulumi/pulumi";
import { createRequire } from "node:module";

/** The program with a time limit of 10 seconds, not the component's 90, for blocked deletions. */
runtime.registerStackTransformation(({ props, opts }) => ({
    props,
    opts: { ...opts, ...(opts.customTimeouts?.delete === "90s" && { customTimeouts: { delete: "10s" } }) },
}));

module.exports = createRequire(__filename)("../../../../index") as object;
