import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageSchema } from "../../scripts/schema";

describe("schema.json", function () {
    // The compiler reads the SDKs' types.
    this.timeout(120_000);

    it("is the schema of the sources (npm run schema makes it)", () => {
        const kept = readFileSync(join(__dirname, "..", "..", "schema.json"), "utf8");
        assert.equal(kept, packageSchema());
    });
});
