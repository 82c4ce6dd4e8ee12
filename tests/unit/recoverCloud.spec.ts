import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runCommand } from "../support/tools/run";

/** A CLI that says what it is told to say, and notes what it was asked. */
const script = `#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
    whoami*) echo '{"user":"ana","url":"https://app.pulumi.com/ana"}' ;;
    "stack --show-name"*) echo dev ;;
    "stack ls"*) echo '[{"name":"dev","current":true,"updateInProgress":true}]' ;;
    *) exit 1 ;;
esac
`;

describe("recover with a backend that isn't in files", function () {
    this.timeout(60_000);

    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "recover-cloud-"));
        writeFileSync(join(directory, "pulumi"), script);
        chmodSync(join(directory, "pulumi"), 0o755);
    });
    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    ["--yes", "--dry-run"].forEach((option) =>
        it(`doesn't cancel an update that may still run, with ${option}`, async () => {
            const asked = join(directory, "asked");
            const PATH = [directory, process.env["PATH"]].join(delimiter);
            const { status, stdout, stderr } = await runCommand(
                "recover",
                [option],
                { ...process.env, PATH, ASKED: asked },
                directory,
            );
            assert.equal(status, 2, stdout + stderr);
            assert.match(
                stdout,
                /^the backend reports an update of the stack in progress\n {4}pulumi cancel, and read again\n$/,
            );
            const why = {
                "--yes": /^only the person who started it can tell whether it has ended: /,
                "--dry-run": /--dry-run$/m,
            };
            assert.match(stderr, why[option as "--yes"]);
            assert.doesNotMatch(readFileSync(asked, "utf8"), /cancel/);
        }),
    );
});
