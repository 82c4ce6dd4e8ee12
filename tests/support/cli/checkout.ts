import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { standInProviders } from "../../../sandbox/engine";
import { PulumiCli } from "../../../sandbox/engine/cli";
import type { Servers } from "../../../sandbox/servers";
import { project } from "../cluster/sandbox";

/** A copy of the checkout, in which a test runs a page's commands. */
export class Checkout {
    private cli: PulumiCli | undefined;

    private constructor(
        public readonly directory: string,
        /** Variables that the shell has exported. */
        private environment: NodeJS.ProcessEnv,
    ) {}

    public static copy(): Checkout {
        const directory = mkdtempSync(join(tmpdir(), "checkout-"));
        const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
            cwd: project,
            encoding: "utf8",
        });
        files
            .trim()
            .split("\n")
            .forEach((file) => cpSync(join(project, file), join(directory, file)));
        symlinkSync(join(project, "node_modules"), join(directory, "node_modules"));
        // Readers of a page may have an AWS profile.
        const environment = { AWS_PROFILE: "no-such-profile", PULUMI_SKIP_UPDATE_CHECK: "true" };
        return new Checkout(directory, { ...process.env, ...environment });
    }

    /**
     * Lets the CLI use stand-ins for providers that it can't install here. Call it after the page's sandbox has started.
     */
    public async useStandIns(): Promise<void> {
        const exported = readFileSync(join(this.directory, ".sandbox", "env"), "utf8").matchAll(
            /export (\w+)='?(.*?)'?$/gm,
        );
        const { AWS_ENDPOINT_URL: ec2Endpoint = "", KUBECONFIG: kubeconfig = "" } = Object.fromEntries(
            [...exported].map(([, name, value]): [string, string] => [name ?? "", value ?? ""]),
        );
        const servers: Servers = {
            ec2Endpoint,
            kubeconfig,
            region: "eu-west-1",
            environment: {},
            stop: () => Promise.resolve(),
        };
        const stack = {
            directory: this.directory,
            main: "index.ts",
            project: "probe",
            stack: "probe",
            config: {},
        };
        const probe = join(this.directory, ".sandbox", "probe");
        this.cli = await PulumiCli.start(stack, standInProviders(servers), probe, {});
        this.environment = { ...this.environment, PULUMI_DEBUG_PROVIDERS: this.cli.debugProviders };
    }

    /** Runs lines in a shell with the exported variables of earlier ones. Returns their output. */
    public async run(script: string): Promise<string> {
        const ending = "env -0 >&3";
        const child = spawn("bash", ["-euo", "pipefail", "-c", `${script}\n${ending}`], {
            cwd: this.directory,
            env: this.environment,
            stdio: ["ignore", "pipe", "pipe", "pipe"],
        });
        const printed: string[] = [];
        [child.stdout, child.stderr].forEach((stream) =>
            stream?.on("data", (chunk: Buffer) => printed.push(chunk.toString())),
        );
        const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
        const [exported, code] = await Promise.all([text(child.stdio[3] as NodeJS.ReadableStream), closed]);
        assert.equal(code, 0, `${script}\n${printed.join("")}`);
        this.environment = Object.fromEntries(
            exported
                .split("\0")
                .filter((one) => one.includes("="))
                .map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
        );
        return printed.join("");
    }

    /** Stops the page's sandbox, and removes the copy. */
    public async end(): Promise<void> {
        await this.cli?.stop();
        await this.run("npm run sandbox:stop");
        rmSync(this.directory, { recursive: true, force: true });
    }
}
