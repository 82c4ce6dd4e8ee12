import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../support/cluster/sandbox";

/** The output of `npm run sbom`. */
describe("the bill of materials", () => {
    it("has exactly the program's packages of the lockfile", function () {
        this.timeout(60_000);
        const command = [require.resolve("ts-node/dist/bin"), join(project, "scripts", "sbom.ts")];
        const printed = execFileSync(process.execPath, command, { encoding: "utf8", maxBuffer: 2 ** 26 });
        const bill = JSON.parse(printed) as {
            bomFormat: string;
            specVersion: string;
            components: { name: string; version: string; hashes: object[] }[];
        };
        assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.5"]);
        const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
            packages: Record<string, { dev?: boolean; version?: string }>;
        };
        const shipped = Object.entries(packages).flatMap(([path, { dev, version }]) =>
            dev === true || path === "" ? [] : [`${path.split("node_modules/").at(-1)}@${version}`],
        );
        assert.deepEqual(
            [...new Set(bill.components.map(({ name, version }) => `${name}@${version}`))].sort(),
            [...new Set(shipped)].sort(),
        );
        assert.ok(bill.components.every(({ hashes }) => hashes.length > 0));
    });
});
