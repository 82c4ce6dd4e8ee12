import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PulumiCli } from "../../sandbox/engine/cli";
import { firstStart, project } from "../support/cluster/sandbox";

describe("drill", function () {
    this.timeout(firstStart);

    it("succeeds: completely with the Pulumi CLI, up to the move without", async () => {
        const args = [require.resolve("ts-node/dist/bin"), join(project, "sandbox", "drill.ts")];
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project });
        assert.match(stdout, /pulumi up: 5 disks in 1b 1c 1b 1c 1b/);
        assert.match(
            stdout,
            /zone eu-west-1b fails; Pending web-[024]: .* didn't match PersistentVolume's node affinity/,
        );
        if ((await PulumiCli.version()) === undefined) {
            assert.match(stdout, /which was not found: the drill ends here\n$/);
            return;
        }
        assert.match(stdout, /3 disks moved, and all pods run/);
        assert.match(stdout, /the drill ended well\n$/);
    });
});
