import assert from "node:assert/strict";
import { assertPrinted } from "../support/pages/shown";

describe("output in a page", () => {
    const printed = [
        "the cluster is ready after 3.5 s",
        " +  aws:ebs:Volume web-1 created (0.19s) ",
        "web-1   Bound   vol-0123456789abcdef0   ip-172-33-32-4.internal   11s",
        'pod "web-1" deleted from default namespace',
        "",
    ].join("\n");

    it("matches except for ids, times, nodes and order", () => {
        assertPrinted(
            [
                "...",
                "web-1 Bound vol-fedcba98765432100 ip-172-33-64-4.internal 4m",
                'pod "web-1" deleted',
                " +  aws:ebs:Volume web-1 created (2s)",
                "",
            ].join("\n"),
            printed,
        );
    });

    for (const line of [
        " +  aws:ebs:Volume web-2 created (0.19s)",
        "web-1 Pending vol-0123456789abcdef0 ip-172-33-32-4.internal 11s",
        "the cluster is ready",
    ]) {
        it(`rejects ${line.trim()}, which was not printed`, () => {
            assert.throws(() => assertPrinted(line, printed), /the page shows, and nothing printed/);
        });
    }

    it("has to be printed as often as it is shown", () => {
        const line = "the cluster is ready after 1 s\n";
        assert.throws(() => assertPrinted(line + line, printed), /nothing printed/);
    });
});
