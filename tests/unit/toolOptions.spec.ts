import assert from "node:assert/strict";
import { readStackState } from "../../tools/inspect/stack";
import { runProgram } from "../support/tools/run";

const hidden = "\u001b[2Ja\r\nb\u202e\u200b";
const spelt = String.raw`\u001b[2Ja\u000d\u000ab\u202e\u200b`;
/** Nothing but lines of text. */
const obeyed = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_Control}\u200b]/u;

/** Each program with arguments that it refuses, and all that it says. */
const refused: [string, string[], string][] = [
    ["bin.cjs", [hidden], `unknown command '${spelt}'\nnpx zonal-persistent-storage --help`],
    ["bin.cjs", ["doctor", `--${hidden}`], `unknown option '--${spelt}'`],
    [
        "bin.cjs",
        ["map", "--output", hidden],
        `option '--output <file...>' argument '${spelt}' is invalid. It must end in .html or .svg.\n`,
    ],
    ["bin.cjs", ["map", "--colour"], "unknown option '--colour'\nnpx zonal-persistent-storage map --help"],
    [
        "bin.cjs",
        ["doctor", "--stack=a", `--state=${hidden}`],
        "option '--state <file>' cannot be used with option '--stack <name>'\n",
    ],
    ["bin.cjs", ["doctor", "--stack", "--json"], "option '--stack <name>' argument '--json' is invalid."],
    ["bin.cjs", ["doctor", "--cluster="], "option '--cluster <name>' argument '' is invalid."],
    ["bin.cjs", ["recover", hidden], "too many arguments for 'recover'."],
    ["bin.cjs", ["recover", "--yes", "--dry-run"], "option '--dry-run' cannot be used with option '--yes'"],
    [
        "bin.cjs",
        ["adopt", "--all", "--yes", "--dry-run"],
        "option '--dry-run' cannot be used with option '--yes'",
    ],
    ["bin.cjs", ["adopt", "--namespace="], "option '--namespace <name>' argument '' is invalid."],
    ["bin.cjs", ["doctor", `--cwd=${hidden}`], `--cwd must be a folder, got "${spelt}"`],
    [
        "tools/acceptance/main.ts",
        ["--account", hidden, `--${hidden}`, hidden],
        `--${spelt} is not an option: known are `,
    ],
    [
        "sandbox/main.ts",
        [hidden],
        "usage: npm run sandbox -- [--json] | npm run sandbox:start | npm run sandbox:stop\n",
    ],
    ["sandbox/main.ts", ["start", `--${hidden}`], `unknown option '--${spelt}'\n`],
    ["sandbox/drill.ts", ["--now"], "unknown option '--now'\n"],
];

describe("options of the tools", function () {
    this.timeout(60_000);

    refused.forEach(([tool, args, message]) =>
        it(`are rejected without control characters: ${tool} ${JSON.stringify(args)}`, async () => {
            const { PATH, HOME } = process.env;
            const { status, stdout, stderr } = await runProgram(tool, args, {
                PATH,
                HOME,
                KUBECONFIG: "/dev/null",
            });
            assert.deepEqual([status, stdout], [2, ""], stderr);
            assert.ok(stderr.startsWith(message), stderr);
            assert.doesNotMatch(stderr, obeyed);
            assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
        }),
    );

    it("are explained by --help, whatever else is missing", async () => {
        const { PATH, HOME } = process.env;
        const ended = await runProgram("tools/acceptance/main.ts", ["--clean", "--help"], { PATH, HOME });
        assert.deepEqual([ended.status, ended.stderr], [0, ""]);
        assert.match(ended.stdout, /^Usage: npm run acceptance -- \[options\]\n/);
    });

    it("report a missing file on one line", async () => {
        await assert.rejects(
            readStackState({ environment: process.env }, { state: hidden }, () => assert.fail("no note")),
            ({ message }: Error) => message.startsWith(`--state must be a file, got "${spelt}" (ENOENT`),
        );
    });
});
