import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative, sep } from "node:path";
import ts from "typescript";
import type { VolumeRecord } from "../../components";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { standIn } from "../../sandbox/engine";
import { externalLinks } from "../../scripts/docs/markdown";
import { diskProblems, SandboxReader } from "../../sandbox/readBack";
import { firstStart, project, startSandbox } from "../support/cluster/sandbox";

/** The npm package as its users get it: packed, installed into an empty project, compiled and run. */
describe("the npm package", function () {
    this.timeout(240_000);

    let directory: string;
    const npm = (cwd: string, ...args: string[]) =>
        execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
            cwd,
            encoding: "utf8",
        });
    const run = (file: string, ...args: string[]) => execFileSync(process.execPath, [file, ...args]);

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "consumer-"));
        const build = join(project, "scripts", "packaging", "build.ts");
        run(require.resolve("ts-node/dist/bin"), build, join(directory, "built"));
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    it("has the library, the commands, their documents and nothing else", () => {
        const [packed] = JSON.parse(npm(join(directory, "built"), "pack", "--json")) as {
            filename: string;
            size: number;
            unpackedSize: number;
            files: { path: string }[];
        }[];
        const { size, unpackedSize, files } = packed!;
        console.log(
            `      ${Math.round(size / 1024)} kB packed, ${Math.round(unpackedSize / 1024)} kB unpacked`,
        );
        // 300 kB of library with source maps and pages, 170 kB of commands: a jump means that something else came in.
        assert.ok(size < 500 * 1024);
        const sources = (folder: string) =>
            readdirSync(join(project, folder), { encoding: "utf8", recursive: true })
                .filter((file) => file.endsWith(".ts"))
                .map((file) => `${folder}/${file.replace(/\.ts$/, "")}`);
        const pages = readdirSync(join(project, "docs")).filter((file) => /\.(md|json|yaml|svg)$/.test(file));
        const paths = files.map(({ path }) => path);
        const page = (file: string) => readFileSync(join(directory, "built", file), "utf8");
        // Files of types alone, and the acceptance check, are not compiled.
        const commands = paths.filter((path) => /^(tools|program)\//.test(path));
        const known = [...sources("tools"), ...sources("program")].map((file) => `${file}.js`);
        assert.deepEqual(
            commands.filter((path) => !known.includes(path) || path.includes("acceptance")),
            [],
        );
        assert.ok(commands.includes("tools/main.js"));
        assert.deepEqual(
            paths.filter((path) => !commands.includes(path)).sort(),
            [
                ...["CHANGELOG.md", "LICENSE", "README.md", "package.json"],
                ...pages.map((page) => `docs/${page}`),
                ...sources("components").flatMap((file) =>
                    [".d.ts", ".js", ".js.map"].map((end) => `${file}${end}`),
                ),
            ].sort(),
        );
        // adopt loads some files late, where no --help looks.
        const missing = paths
            .filter((path) => path.endsWith(".js"))
            .flatMap((path) =>
                [...page(path).matchAll(/require\("(\.[^"]*)"\)/g)]
                    .map(([, asked = ""]) => posix.join(dirname(path), asked))
                    .filter(
                        (file) =>
                            ![`${file}.js`, `${file}/index.js`, file].some((one) => paths.includes(one)),
                    ),
            );
        assert.deepEqual(missing, []);
        const readme = readFileSync(join(directory, "built", "README.md"), "utf8");
        const ours = "https://app.unpkg.com/zonal-persistent-storage@";
        const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!);
        assert.ok(links.some((link) => link.startsWith(ours)));
        links.forEach((link) => {
            const [, path] = new RegExp(`^${ours}[^/]+/files/([^#]+)(#.+)?$`).exec(link) ?? [];
            assert.ok(path === undefined ? externalLinks().includes(link) : paths.includes(path), link);
        });
        const leaving = pages
            .filter((file) => file.endsWith(".md"))
            .flatMap((file) => page(`docs/${file}`).match(/\]\((\.\.|es)\/[^)]*\)/g) ?? []);
        assert.deepEqual([...new Set(leaving)], ["](../README.md)", "](../CHANGELOG.md)"]);
        cpSync(join(directory, "built", packed!.filename), join(directory, "package.tgz"));
    });

    it("is installed beside one copy of each SDK", () => {
        const { dependencies, devDependencies } = JSON.parse(
            readFileSync(join(project, "package.json"), "utf8"),
        ) as Record<string, Record<string, string>>;
        const versions = { ...devDependencies, ...dependencies };
        const wanted = ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/kubernetes", "@types/node"];
        writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true }));
        const start = performance.now();
        const asked = ["./package.tgz", ...wanted.map((name) => `${name}@${versions[name]}`)];
        // The versions that the tests' own tree has are in npm's cache.
        npm(directory, "install", "--prefer-offline", "--ignore-scripts", ...asked);
        console.log(`      installed in ${((performance.now() - start) / 1000).toFixed(0)} s`);

        const lock = JSON.parse(readFileSync(join(directory, "package-lock.json"), "utf8")) as {
            packages: Record<string, unknown>;
        };
        const copies = (name: string) =>
            Object.keys(lock.packages).filter((path) => path.endsWith(`node_modules/${name}`));
        ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/kubernetes", "zod"].forEach((name) =>
            assert.deepEqual(copies(name), [`node_modules/${name}`]),
        );
    });

    /** Packages that a process has loaded when it ends. */
    const loadedBy = (...command: string[]) => {
        const list = join(directory, "loaded.cjs");
        writeFileSync(
            list,
            `process.on("exit", () => console.error(JSON.stringify(Object.keys(require.cache))));`,
        );
        const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", list, ...command], {
            cwd: directory,
            encoding: "utf8",
        });
        assert.equal(status, 0, stderr);
        const files = JSON.parse(stderr) as string[];
        const names = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
        return { stdout, packages: new Set(names) };
    };
    const ofCommands = [
        "commander",
        "@aws-sdk/client-dlm",
        "@aws-sdk/client-ec2",
        "@kubernetes/client-node",
        "yaml",
    ];

    it("loads no package of the commands with the library", () => {
        const { packages } = loadedBy("--eval", 'require("zonal-persistent-storage")');
        assert.ok(packages.has("@pulumi/pulumi"));
        assert.deepEqual(
            ofCommands.filter((name) => packages.has(name)),
            [],
        );
    });

    const main = () => join(directory, "node_modules", ".bin", "zonal-persistent-storage");
    ["doctor", "map", "recover", "adopt", "release"].forEach((command) =>
        it(`shows the help of ${command} without loading what it works with`, () => {
            const { stdout, packages } = loadedBy(main(), command, "--help");
            assert.match(stdout, new RegExp(`^Usage: zonal-persistent-storage ${command} `));
            assert.match(stdout, /\nExamples:\n[^]*\nExit status:\n/);
            assert.deepEqual(
                ofCommands.filter((name) => packages.has(name)),
                ["commander"],
            );
        }),
    );

    it("names itself by its path where npx doesn't find it", () => {
        // As from a shell: npm says in the environment that it has started these tests.
        const env = { PATH: process.env.PATH };
        const asked = spawnSync(process.execPath, [main(), "docter"], {
            cwd: tmpdir(),
            env,
            encoding: "utf8",
        });
        const path = relative(realpathSync(tmpdir()), main());
        assert.match(asked.stderr, /^unknown command 'docter'/);
        assert.ok(asked.stderr.endsWith(`\n${path} --help shows the commands\n`), asked.stderr);
    });

    const kinds = { CommonJS: "commonjs", ESM: "module" };
    Object.entries(kinds).forEach(([kind, type]) => {
        it(`makes the reference case's disks in an empty ${kind} project, which compiles`, async function () {
            this.timeout(firstStart);
            const folder = join(directory, type);
            mkdirSync(folder);
            writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type }));
            cpSync(join(project, "examples", "jenkins", "index.ts"), join(folder, "index.ts"));
            assert.deepEqual(compile(join(folder, "index.ts")), []);

            const { servers, end } = await startSandbox(jenkinsOnKops);
            try {
                const stack = { project: "consumer", stack: "dev", config: { "aws:region": "eu-west-1" } };
                const { errors, outputs, exportState } = await standIn(
                    { ...stack, directory: folder, main: join(folder, "index.js") },
                    servers,
                ).up(() => undefined);
                assert.deepEqual(errors, []);
                const disks = await new SandboxReader(servers).disks(outputs.volumes as VolumeRecord[]);
                assert.deepEqual(disks.flatMap(diskProblems), []);
                assert.deepEqual(
                    disks.map(({ persistentVolume: { metadata }, ec2 }) => [metadata?.name, ec2.zone]),
                    [
                        ["manual-ebs-01", "eu-west-1c"],
                        ["manual-ebs-02", "eu-west-1b"],
                        ["manual-ebs-03", "eu-west-1c"],
                    ],
                );
                writeFileSync(join(folder, "state.json"), await exportState());
                const command = (name: string, ...args: string[]) =>
                    execFileSync(process.execPath, [main(), name, `--cwd=${folder}`, ...args], {
                        env: { ...process.env, ...servers.environment },
                        encoding: "utf8",
                    });
                assert.equal(command("doctor", "--state=state.json"), "no problems found\n");
                assert.match(
                    command("map", "--state=state.json"),
                    /\nthe map is in zone-map\.html and zone-map\.svg\n$/,
                );
                assert.match(readFileSync(join(folder, "zone-map.svg"), "utf8"), /manual-ebs-03/);
            } finally {
                await end();
            }
        });
    });
});

/**
 * Compiles a program, strictly and with skipLibCheck off.
 *
 * @returns what the compiler says of the program and of the package's types; others' types are theirs.
 */
function compile(file: string): string[] {
    const program = ts.createProgram([file], {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
        typeRoots: [join(file, "..", "..", "node_modules", "@types")],
        strict: true,
        exactOptionalPropertyTypes: true,
        noPropertyAccessFromIndexSignature: true,
        skipLibCheck: false,
    });
    const ours = join("node_modules", "zonal-persistent-storage") + sep;
    const checked = program
        .getSourceFiles()
        .filter(({ fileName }) => fileName === file || fileName.includes(ours));
    assert.ok(checked.length > 5, "the package's types are found");
    const { diagnostics } = program.emit();
    return [
        ...diagnostics,
        ...program.getOptionsDiagnostics(),
        ...checked.flatMap((source) => [
            ...program.getSyntacticDiagnostics(source),
            ...program.getSemanticDiagnostics(source),
        ]),
    ].map(
        ({ messageText, file: where }) =>
            `${where?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}
