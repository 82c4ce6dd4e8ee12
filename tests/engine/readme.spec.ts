import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { standInProviders } from "../../sandbox/engine";
import { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { firstStart, project } from "../support/sandbox";

/** The README's section on environments, followed to the letter in a copy of the checkout. */
describe("a new environment, as the README has it", function () {
    this.timeout(firstStart);

    let copy: string;
    let cli: PulumiCli | undefined;

    before(async function () {
        if ((await PulumiCli.version()) === undefined) {
            console.log("    skipped: there is no Pulumi CLI on the PATH");
            this.skip();
        }
        copy = mkdtempSync(join(tmpdir(), "checkout-"));
        const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
            cwd: project,
            encoding: "utf8",
        });
        files
            .trim()
            .split("\n")
            .forEach((file) => cpSync(join(project, file), join(copy, file)));
        symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
    });
    after(async () => {
        await cli?.stop();
        if (copy) {
            await shell("npm run sandbox:stop");
            rmSync(copy, { recursive: true, force: true });
        }
    });

    /** Runs lines in the copy; everything they print, once they have ended well. */
    const shell = async (script: string, environment: NodeJS.ProcessEnv = {}) => {
        const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
            cwd: copy,
            env: { ...process.env, ...environment },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
        const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
        assert.equal(code, 0, `${script}\n${stdout}${stderr}`);
        return stdout + stderr;
    };

    it("is created, previewed and brought up in the sandbox", async () => {
        const section = /\n## Environments\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(
            readFileSync(join(project, "README.md"), "utf8"),
        );
        const lines = (section?.[1] ?? "").split("\n");
        assert.equal(lines.shift(), "npm ci", "which this checkout has behind it");
        const start = lines.shift() ?? "";
        assert.equal(start, "npm run sandbox:start");
        await shell(start);

        // Whoever follows the README has providers that the CLI installs; where it can't, there is the stand-in.
        const { AWS_ENDPOINT_URL: ec2Endpoint = "", KUBECONFIG: kubeconfig = "" } = Object.fromEntries(
            [...readFileSync(join(copy, ".sandbox", "env"), "utf8").matchAll(/export (\w+)='(.*)'/g)].map(
                ([, name, value]): [string, string] => [name ?? "", value ?? ""],
            ),
        );
        const servers: Servers = {
            ec2Endpoint,
            kubeconfig,
            region: "eu-west-1",
            environment: {},
            stop: () => Promise.resolve(),
        };
        const stack = { directory: copy, main: "index.ts", project: "probe", stack: "probe", config: {} };
        cli = await PulumiCli.start(stack, standInProviders(servers), join(copy, ".sandbox", "probe"), {});

        const printed = await shell(lines.join("\n"), {
            PULUMI_DEBUG_PROVIDERS: cli.debugProviders,
            PULUMI_SKIP_UPDATE_CHECK: "true",
        });
        assert.match(printed, /\+ 10 to create/);
        assert.match(printed, /\+ 10 created/);
        assert.match(printed, /"persistentVolumeName":"jenkins-2"/);
        assert.match(printed, /the sandbox is stopped/);
        assert.match(
            readFileSync(join(copy, "Pulumi.test.yaml"), "utf8"),
            /name: proyecto\.k8s\.local[\s\S]*kubeconfig:\s+secure: /,
        );
    });
});
