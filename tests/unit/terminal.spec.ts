import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const terminal = join(__dirname, "..", "..", "tools", "terminal", "colours");
const register = require.resolve("ts-node/register/transpile-only");
const program = `
const { bold, progress, verdict } = require(${JSON.stringify(terminal)});
progress("looking ...");
console.log(bold("a disk"), verdict(true, "well"), verdict(false, "not well"));
`;

// Nothing else of the caller's environment: CI, TERM, NO_COLOR, FORCE_COLOR and more decide about colours.
const { PATH } = process.env;

/** The program's output in a terminal. */
function inTerminal(different: object): string {
    const script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const node = [process.execPath, "-r", register, "-e", program];
    const env = { PATH, TERM: "xterm-256color", ...different };
    return execFileSync("python3", ["-c", script, ...node], { env, encoding: "utf8" }).replaceAll("\r", "");
}

describe("terminal output", () => {
    it("has colours and progress in a terminal", () => {
        const printed = JSON.stringify(inTerminal({}));
        assert.match(printed, /looking \.\.\./);
        assert.match(
            printed,
            /\\u001b\[1ma disk\\u001b\[22m \\u001b\[32mwell\\u001b\[39m \\u001b\[31mnot well\\u001b\[39m/,
        );
    });

    it("has no colours with NO_COLOR", () => {
        assert.equal(inTerminal({ NO_COLOR: "1" }), "looking ...\na disk well not well\n");
    });

    it("has neither outside a terminal", () => {
        const node = ["-r", register, "-e", program];
        assert.equal(
            execFileSync(process.execPath, node, { env: { PATH }, encoding: "utf8" }),
            "a disk well not well\n",
        );
    });

    it("reaches a slow reader of a pipe to the end", () => {
        const file = join(__dirname, "..", "..", "tools", "terminal", "exit");
        const long = `console.log("x".repeat(2 ** 20)); void require(${JSON.stringify(file)}).exit(3);`;
        const pipe = '{ "$0" -r "$1" -e "$2"; echo " $?"; } | { sleep 1; cat; }';
        const printed = execFileSync("sh", ["-c", pipe, process.execPath, register, long], {
            env: { PATH },
            encoding: "utf8",
            maxBuffer: 2 ** 22,
        });
        assert.deepEqual([printed.length, printed.slice(-3)], [2 ** 20 + 4, " 3\n"]);
    });
});
