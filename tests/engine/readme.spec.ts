import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../support/cli/checkout";
import { cliVersion } from "../support/cli/cli";
import { fences } from "../support/pages/fences";
import { firstStart } from "../support/cluster/sandbox";
import { assertPrinted } from "../support/pages/shown";

const start = "npm run sandbox:start";
const stop = "npm run sandbox:stop";
const removeStack = "pulumi destroy --yes --remove";

/** docs/tutorial.md and, in the same sandbox, docs/environments.md's new environment and docs/more-disks.md, to the letter. */
describe("commands of the pages", function () {
    this.timeout(300_000);

    let checkout: Checkout | undefined;
    /** Lines of a page to run, once it has started the sandbox and before it stops it. */
    let tutorial: ReturnType<typeof fences>;

    before(async function () {
        this.timeout(firstStart);
        await cliVersion(this);
        if (!hasKubectl()) {
            console.log("    skipped: there is no kubectl on the PATH");
            this.skip();
        }
        checkout = Checkout.copy();
        tutorial = fences("docs/tutorial.md");
    });
    after(() => checkout?.end());

    it("deploy the tutorial's disks, with its output", async () => {
        let printed: string | undefined;
        for (const { language, text } of tutorial) {
            if (language === "sh") {
                const isFirst = text.includes(start);
                printed = await checkout!.run(without(text, isFirst ? ["npm ci"] : [stop]));
                if (isFirst) {
                    await checkout!.useStandIns();
                }
            } else if (language === "yaml") {
                const file = readFileSync(join(checkout!.directory, "Pulumi.tutorial.yaml"), "utf8");
                assert.ok(file.includes(`\n${text}`), file);
            } else {
                assertPrinted(text.replace("the sandbox is stopped\n", ""), printed!);
            }
        }
    });

    it("create a new environment, as in docs/environments.md", async () => {
        const [block, ...others] = fences("docs/environments.md").filter(
            ({ section }) => section === "A new environment",
        );
        assert.deepEqual(others, []);
        const lines = block!.text.trim().split("\n");
        assert.deepEqual([lines.shift(), lines.shift(), lines.pop()], ["npm ci", start, stop]);
        assert.equal(lines.pop(), removeStack);
        const file = join(checkout!.directory, "Pulumi.test.yaml");
        const settings = () => readFileSync(file, "utf8");
        // Twice, as by somebody who comes back; the second stack is for the tests below.
        for (const time of ["first", "second"]) {
            const printed = await checkout!.run(lines.join("\n"));
            assert.match(printed, /\+ 10 to create/);
            assert.match(printed, /\+ 10 created/);
            assert.match(printed, /"persistentVolumeName":"jenkins-2"/);
            if (time === "first") {
                assert.match(await checkout!.run(removeStack), /- 10 deleted/);
                assert.equal(existsSync(file), false);
            }
        }
        const secret = /name: proyecto\.k8s\.local[\s\S]*kubeconfig:\s+secure: (\S+)/;
        const [, first] = secret.exec(settings()) ?? [];
        assert.notEqual(first, undefined, settings());

        const [cluster] = fences("docs/environments.md").filter(({ section }) => section === "The cluster");
        await checkout!.run(`cp "$KUBECONFIG" kubeconfig.yaml\n${cluster!.text}`);
        const [, second] = secret.exec(settings()) ?? [];
        assert.notEqual(second, first);
    });

    it("add disks, as in docs/more-disks.md", async () => {
        let printed: string | undefined;
        for (const { language, text } of fences("docs/more-disks.md")) {
            if (language === "sh") {
                printed = await checkout!.run(text.replace(/^pulumi up$/m, "$& --yes --skip-preview"));
            } else {
                assertPrinted(text, printed!);
            }
        }
    });

    it("stop the sandbox", async () => {
        const last = tutorial.filter(({ language }) => language === "sh").at(-1)!.text;
        assert.ok(last.endsWith(`\n${stop}\n`), last);
        assertPrinted("the sandbox is stopped\n", await checkout!.run(stop));
    });
});

/** A block without lines that are for a test to do at another time. */
function without(text: string, lines: readonly string[]): string {
    return text
        .split("\n")
        .filter((line) => !lines.includes(line))
        .join("\n");
}

function hasKubectl(): boolean {
    try {
        execFileSync("kubectl", ["version", "--client"], { stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}
