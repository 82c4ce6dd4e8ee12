import { RunError } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import fc from "fast-check";
import { readStorages } from "../../config";
import { full } from "../support/fullStorage";

const project = "zonal-persistent-storage";

/** Settings that are right but for some that were swapped for anything at all, or taken away. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
    const children: fc.Arbitrary<unknown> =
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? fc.record(
                  Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mutated(child)])),
                  {
                      requiredKeys: [],
                  },
              )
            : fc.constant(value);
    return fc.oneof({ weight: 12, arbitrary: children }, { weight: 1, arbitrary: fc.jsonValue() });
}

describe("config of any kind", () => {
    it("is used, or refused with a list of problems, and never crashes", () => {
        const storages = { full, other: { count: 2, volume: { sizeGiB: 1 } } };
        let used = 0;
        fc.assert(
            fc.property(mutated({ cluster: { name: "c" }, storages }), (settings) => {
                const config = Object.entries(Object(settings) as object).map(
                    ([key, value]): [string, string] => [`${project}:${key}`, JSON.stringify(value)],
                );
                try {
                    readStorages(project, Object.fromEntries(config));
                    used += 1;
                } catch (error) {
                    assert.ok(RunError.isInstance(error), String(error));
                    assert.match(error.message, /^the stack's config can't be used:(\n {2}- .+)+$/);
                }
            }),
            { numRuns: 10_000 },
        );
        assert.ok(used > 0, "some of them have to be right");
    });
});
