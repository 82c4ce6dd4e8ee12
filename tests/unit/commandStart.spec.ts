import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Runs the commands, and prints the packages that they have loaded on standard error. */
const program = `
    process.argv = [process.execPath, "bin.cjs", "doctor", "--help"];
    process.on("exit", () => {
        const inPackages = Object.keys(require.cache).filter((file) => file.includes("/node_modules/"));
        const names = inPackages.map((file) => file.split("/node_modules/").at(-1).split("/")[0]);
        console.error(JSON.stringify([...new Set(names)]));
    });
    require("./bin.cjs");`;

describe("the commands", () => {
    it("start without a compiler, which would take half of their time", () => {
        const { stderr } = spawnSync(process.execPath, ["-e", program], {
            cwd: join(__dirname, "..", ".."),
            encoding: "utf8",
        });
        const packages = JSON.parse(stderr) as string[];
        assert.ok(packages.includes("commander"), stderr);
        assert.ok(!packages.some((name) => ["typescript", "ts-node"].includes(name)), stderr);
    }).timeout(60_000);
});
