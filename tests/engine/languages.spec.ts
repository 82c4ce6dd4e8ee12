import assert from "node:assert/strict";
import { cpSync, existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Context } from "mocha";
import { parse, stringify } from "yaml";
import type { VolumeRecord } from "../../components";
import { standInProviders } from "../../sandbox/engine";
import { folderOnPath, pulumiHome } from "../../sandbox/engine/find";
import { sdkVersion } from "../../sandbox/providers/provider";
import { PulumiCli } from "../../sandbox/engine/cli";
import { diskProblems, SandboxReader } from "../../sandbox/readBack";
import { startCli } from "../support/cli/cli";
import type { CliSandbox } from "../support/cli/cli";
import { startGitHost } from "../support/cli/gitHost";
import { firstStart, project } from "../support/cluster/sandbox";
import { runDoctor } from "../support/tools/doctor";

interface Documented {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, Documented>>;
    readonly inputProperties?: Readonly<Record<string, Documented>>;
    readonly enum?: readonly { description?: string }[];
}

interface Schema {
    readonly name: string;
    readonly version: string;
    readonly types: Readonly<Record<string, Documented>>;
    readonly resources: Readonly<Record<string, Documented>>;
}

/** The component as a package, and the examples that use it as one, with the real engine. */
describe("package with the Pulumi CLI", function () {
    this.timeout(600_000);

    let sandbox: CliSandbox;
    let environment: NodeJS.ProcessEnv;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        sandbox = await startCli(this);
        end = sandbox.end;
        environment = await homeWithProviders(sandbox);
    });
    after(() => end());

    it("has a complete schema without warnings", async () => {
        const args = ["package", "get-schema", project];
        // Making it from the sources would take more.
        const small = { ...environment, NODE_OPTIONS: "--max-old-space-size=200" };
        const { code, stdout, stderr } = await sandbox.cli.run(args, { environment: small });
        assert.equal(code, 0, stderr);
        assert.doesNotMatch(stderr.replace(/^warning: using pulumi-.* from \$PATH.*$/gm, ""), /warn/i);
        const { name, version, types, resources } = JSON.parse(stdout) as Schema;
        assert.deepEqual([name, version], ["zonal-persistent-storage", "0.1.0"]);
        const component = resources["zonal-persistent-storage:index:ZonalPersistentStorage"]!;
        assert.equal(Object.keys(component.inputProperties!).length, 18);
        assert.equal(Object.keys(component.properties!).length, 5);
        assert.equal(Object.keys(types).length, 23);
        const undocumented = Object.entries({ ...types, ...resources }).flatMap(([type, one]) => [
            ...Object.entries({ ...one.properties, ...one.inputProperties })
                .filter(([, { description }]) => !description)
                .map(([property]) => `${type}.${property}`),
            ...(one.enum ?? []).filter(({ description }) => !description).map(() => type),
        ]);
        assert.deepEqual(undocumented, []);
    });

    ["yaml", "python", "go"].forEach((language) =>
        it(`deploys and destroys the example in ${language}`, async function () {
            skipWithout(this, `pulumi-language-${language}`);
            const { cli, stop } = await startExample(sandbox, language);
            // The CLI stores the selected stack in its home folder.
            const pulumi = (...args: string[]) => cli.run([...args, "--stack", "dev"], { environment });
            try {
                if (language !== "yaml") {
                    const { code, stdout, stderr } = await cli.run(["install"], { environment });
                    assert.equal(code, 0, stdout + stderr);
                }
                const preview = await pulumi("preview");
                assert.match(preview.stdout, /\+ 9 to create/, preview.stdout + preview.stderr);
                const up = await pulumi("up", "--yes", "--skip-preview");
                assert.equal(up.code, 0, up.stdout + up.stderr);

                const outputs = await pulumi("stack", "output", "--json");
                const { zones, volumes } = JSON.parse(outputs.stdout) as {
                    zones: string[];
                    volumes: VolumeRecord[];
                };
                assert.deepEqual(zones, ["eu-west-1b", "eu-west-1c"]);
                const disks = await new SandboxReader(sandbox.servers).disks(volumes);
                assert.deepEqual(disks.flatMap(diskProblems), []);
                assert.deepEqual(
                    disks.map(({ persistentVolume: { metadata }, ec2 }) => [metadata?.name, ec2.zone]),
                    [
                        ["manual-ebs-01", "eu-west-1c"],
                        ["manual-ebs-02", "eu-west-1b"],
                        ["manual-ebs-03", "eu-west-1c"],
                    ],
                );
                const again = await pulumi("preview", "--expect-no-changes");
                assert.equal(again.code, 0, again.stdout + again.stderr);
                const ofStack = { ...process.env, ...sandbox.servers.environment, ...cli.stackEnvironment };
                const doctor = await runDoctor(
                    ["--stack=dev", `--cwd=${cli.project}`],
                    { ...ofStack, ...environment },
                    sandbox.directory,
                );
                assert.deepEqual(doctor, { status: 0, stdout: "no problems found\n", stderr: "" });
                const destroy = await pulumi("destroy", "--yes", "--skip-preview");
                assert.equal(destroy.code, 0, destroy.stdout + destroy.stderr);
            } finally {
                await stop();
            }
        }),
    );

    it("is added from a git tag, as in docs/consumers.md", async function () {
        ["pulumi-language-yaml", "git", "openssl"].forEach((program) => skipWithout(this, program));
        const host = await startGitHost(join(sandbox.directory, "git"), "v0.1.0");
        const { cli, stop } = await startExample(sandbox, "yaml", {});
        const pulumi = (...args: string[]) =>
            cli.run(args, { environment: { ...environment, ...host.environment } });
        try {
            const added = await pulumi("package", "add", host.address);
            assert.equal(added.code, 0, added.stdout + added.stderr);
            assert.match(added.stderr, /Added package acme\/zonal-persistent-storage/);
            const preview = await pulumi("preview", "--stack", "dev");
            assert.match(preview.stdout, /\+ 9 to create/, preview.stdout + preview.stderr);
        } finally {
            await stop();
            host.stop();
        }
    });
});

function skipWithout(context: Context, program: string): void {
    const folders = (process.env.PATH ?? "").split(delimiter);
    if (!folders.some((folder) => existsSync(join(folder, program)))) {
        console.log(`      skipped: there is no ${program} on the PATH`);
        context.skip();
    }
}

/**
 * Before it looks at a package, the CLI wants the provider plugins that its package.json names. Where they can't be
 * had, others of the same name and version do, in a home of their own: they are never run.
 */
async function homeWithProviders({ cli, servers, directory }: CliSandbox): Promise<NodeJS.ProcessEnv> {
    const { stdout } = await cli.run(["plugin", "ls", "--json"]);
    const installed = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    // The last one is for deployments/, which this checkout has too.
    const others = [{ name: "pulumiservice", version: sdkVersion("pulumiservice") }];
    const wanted = [...standInProviders(servers), ...others];
    if (wanted.every(({ name }) => installed.includes(name))) {
        return {};
    }
    const environment = { PULUMI_HOME: join(directory, "home") };
    for (const { name, version } of wanted) {
        const file = pluginFile(name, version) ?? process.execPath;
        await cli.run(["plugin", "install", "resource", name, version, "--file", file], { environment });
    }
    return environment;
}

/** A plugin on the PATH or where the CLI keeps those that it has installed. */
function pluginFile(name: string, version: string): string | undefined {
    const program = `pulumi-resource-${name}`;
    const kept = join(pulumiHome(process.env), "plugins", `resource-${name}-v${version}`);
    const folder = folderOnPath(program, process.env) ?? kept;
    const file = join(folder, program);
    return existsSync(file) ? file : undefined;
}

/** An example's stack dev, by default with the package from this checkout. */
async function startExample(
    { servers, directory }: CliSandbox,
    language: string,
    packages: Readonly<Record<string, string>> = { "zonal-persistent-storage": project },
): Promise<{ cli: PulumiCli; stop: () => Promise<void> }> {
    const folder = await mkdtemp(join(directory, `${language}-`));
    cpSync(join(project, "examples", language), folder, { recursive: true });
    const read = async (file: string) => parse(await readFile(join(folder, file), "utf8")) as object;
    const settings = (await read("Pulumi.yaml")) as { name: string };
    await writeFile(join(folder, "Pulumi.yaml"), stringify({ ...settings, packages }));
    const { config } = (await read("Pulumi.dev.yaml")) as { config: Record<string, unknown> };
    const cli = await PulumiCli.start(
        { directory: folder, main: ".", project: settings.name, stack: "dev", config },
        standInProviders(servers),
        folder,
        servers.environment,
    );
    ["__main__.py", "requirements.txt", "main.go", "go.mod"]
        .filter((file) => existsSync(join(folder, file)))
        .forEach((file) => cpSync(join(folder, file), join(folder, "project", file)));
    return { cli, stop: () => cli.stop() };
}
