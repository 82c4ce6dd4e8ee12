import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Result } from "../../benchmarks/result";
import { firstStart, project } from "../support/cluster/sandbox";

describe("benchmark", function () {
    this.timeout(firstStart);

    it("times the available contestants, checks their results, and counts calls", async () => {
        const output = mkdtempSync(join(tmpdir(), "bench-test-"));
        try {
            const options = ["--rounds", "1", "--max-volumes", "3", "--max-nodes", "3", "--output", output];
            const main = [join(project, "benchmarks", "main.ts"), ...options];
            const runner = join(project, "node_modules", ".bin", "ts-node");
            const { stdout } = await promisify(execFile)(runner, main, { cwd: project });
            assert.match(stdout, /^\| volumes \| nodes \| runs \| .*stand-in up/m);
            const { cases, calls } = JSON.parse(readFileSync(join(output, "result.json"), "utf8")) as Result;
            assert.equal(cases.length, 1);
            const { medians } = cases[0]!;
            assert.ok(medians["program start"]! > 0 && medians["stand-in up"]! > medians["program start"]!);

            // One run with the stand-in; with the CLI a preview, an update and an update without changes.
            const runs = "pulumi up" in medians ? 3 : 1;
            const { ec2, kubernetes } = calls as Record<"ec2" | "kubernetes", Record<string, number>>;
            assert.equal(ec2["DescribeAvailabilityZones"], runs);
            assert.equal(ec2["DescribeInstances"], 3 * runs);
            assert.equal(ec2["CreateVolume"], 3);
            // Two for each volume; a preview and an update look once each for volumes made before.
            assert.ok(ec2["DescribeVolumes"]! <= 2 * 3 + 2, JSON.stringify(ec2));
            const made = ["PATCH", "POST"].map((verb) => kubernetes[`${verb} persistentvolumes`] ?? 0);
            assert.ok(made[0]! + made[1]! >= 3, JSON.stringify(kubernetes));
        } finally {
            rmSync(output, { recursive: true, force: true });
        }
    });
});
