import assert from "node:assert/strict";
import { bytesIn, gibibytesIn } from "../../tools/inspect/quantity";

describe("a Kubernetes quantity", () => {
    const sizes: readonly [string, number | undefined][] = [
        ["1Ti", 1024],
        ["10Gi", 10],
        ["512Mi", 0.5],
        ["1073741824", 1],
        ["", undefined],
        ["ten", undefined],
        ["1Xi", undefined],
    ];
    sizes.forEach(([quantity, gibibytes]) =>
        it(`reads ${JSON.stringify(quantity)}`, () => assert.equal(gibibytesIn(quantity), gibibytes)),
    );

    it("reads powers of ten", () => {
        assert.equal(bytesIn("5G"), 5e9);
        assert.equal(bytesIn("3k"), 3000);
        assert.equal(bytesIn("2e3"), 2000);
        assert.equal(bytesIn(undefined), undefined);
    });
});
