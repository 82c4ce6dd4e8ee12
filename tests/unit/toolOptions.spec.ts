import assert from "node:assert/strict";
import { readStackState } from "../../tools/inspect/stack";
import { parseOptions, rejectStackWithState } from "../../tools/terminal/commandLine";
import { readOptions } from "../../tools/map/options";
import { hostileTexts } from "../support/fixtures/hostile";
import { runProgram } from "../support/tools/run";

const hidden = "\u001b[2Ja\r\nb\u202e\u200b";
const spelt = String.raw`\u001b[2Ja\u000d\u000ab\u202e\u200b`;
/** Nothing but lines of text. */
const obeyed = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_Control}\u200b]/u;

/** Each tool with arguments that it refuses, and all that it says. */
const refused: [string, string[], string][] = [
    ["tools/doctor/main.ts", [`--${hidden}`], `Unknown option '--${spelt}'`],
    [
        "tools/map/main.ts",
        ["--output", hidden],
        `--output must end in .html or .svg, got "${spelt}"\nusage: npm run map -- `,
    ],
    ["tools/recover/main.ts", [hidden], `Unexpected argument '${spelt}'`],
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
];

describe("options of the tools", function () {
    this.timeout(60_000);

    refused.forEach(([tool, args, message]) =>
        it(`are rejected without control characters: ${tool}`, async () => {
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

    it("report a missing file on one line", async () => {
        await assert.rejects(
            readStackState({ environment: process.env }, { state: hidden }, () => assert.fail("no note")),
            ({ message }: Error) => message.startsWith(`--state must be a file, got "${spelt}" (ENOENT`),
        );
    });

    it("are quoted on one line", () => {
        for (const text of hostileTexts.filter((one) => /\p{Cc}/u.test(one))) {
            const options = { stack: { type: "string" } } as const;
            for (const args of [[text], [`--x${text}`], ["--stack"], ["--stack", `-${text}`]]) {
                assert.throws(
                    () => parseOptions(args, options, "it"),
                    ({ message }: Error) => !obeyed.test(message) && message.endsWith("\nusage: it"),
                );
            }
            assert.throws(
                () => rejectStackWithState({ stack: "a", state: text }, "it"),
                ({ message }: Error) => !obeyed.test(message) && message.split("\n").length === 2,
            );
        }
    });

    it("keep their values", () => {
        const options = { stack: { type: "string" }, json: { type: "boolean" } } as const;
        assert.deepEqual(
            { ...parseOptions(["--stack=a\nb", "--json"], options, "") },
            { stack: "a\nb", json: true },
        );
        assert.deepEqual(readOptions(["--json", "--state=-"]), { state: "-", json: true, outputs: [] });
    });
});
