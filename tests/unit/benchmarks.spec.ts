import assert from "node:assert/strict";
import { floorTable, median, resultTable } from "../../benchmarks/result";
import type { CaseResult, Result } from "../../benchmarks/result";

const one = (volumes: number, nodes: number, medians: Record<string, number>): CaseResult => ({
    volumes,
    nodes,
    medians,
    runs: { "stand-in up": 5 },
});
const result: Result = {
    date: "2026-01-01",
    machine: "2 cores",
    versions: {},
    cases: [
        one(3, 3, { script: 4, "pulumi up": 3, "program start": 1 }),
        one(100, 3, { script: 100, "pulumi up": 10 }),
        one(3, 5000, { "pulumi up": 3.3 }),
    ],
    calls: {},
};

describe("benchmark results", () => {
    it("are medians", () => {
        assert.equal(median([3, 1, 2]), 2);
        assert.equal(median([4, 1, 2, 3]), 2.5);
        assert.equal(median([7]), 7);
    });

    it("include ratios to the script", () => {
        assert.equal(
            resultTable(result),
            [
                "| volumes | nodes | runs | script | pulumi up |",
                "| ---: | ---: | ---: | ---: | ---: |",
                "| 3 | 3 | 5 | 4.0 s | 3.0 s (0.75) |",
                "| 100 | 3 | 5 | 100.0 s | 10.0 s (0.10) |",
                "| 3 | 5,000 | 5 |  | 3.3 s |",
            ].join("\n"),
        );
    });

    it("include the bare program's times and ratios to them", () => {
        const compared = { "pulumi up": 4.2, "floor: pulumi up": 4, "pulumi preview": 2 };
        assert.equal(
            floorTable({ ...result, cases: [{ ...one(3, 3, compared), runs: { "pulumi up": 4 } }] }),
            [
                "| volumes | nodes | runs | floor: pulumi up | pulumi up |",
                "| ---: | ---: | ---: | ---: | ---: |",
                "| 3 | 3 | 4 | 4.0 s | 4.2 s (1.05) |",
            ].join("\n"),
        );
    });
});
