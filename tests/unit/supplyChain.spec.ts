import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../support/cluster/sandbox";

interface Locked {
    readonly version?: string;
    readonly license?: string;
    readonly integrity?: string;
    readonly dev?: boolean;
    readonly hasInstallScript?: boolean;
}

const read = (...path: string[]) => readFileSync(join(project, ...path), "utf8");
const manifest = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
const { "": _root, ...locked } = packages;

/** Statements of docs/dependencies.md about how packages are installed. */
describe("dependencies", () => {
    it("are listed with version and licence", () => {
        const [, ships = "", works = ""] = read("docs", "dependencies.md").split(
            /^## (?:Packages that ship|Packages for development)$/m,
        );
        const rows = (part: string) =>
            [...part.matchAll(/^\| `([^`]+)` \| ([\d.]+) \| ([^|]+) \| [\d.]+, \d{4}-\d\d-\d\d \|/gm)].map(
                ([, name, version, licence]) => [name, version, licence],
            );
        const installed = (names: Record<string, string> = {}) =>
            Object.entries(names).map(([name, version]) => [
                name,
                version,
                locked[`node_modules/${name}`]?.license,
            ]);
        assert.deepEqual(rows(ships).sort(), installed(manifest["dependencies"]).sort());
        assert.deepEqual(
            rows(works.split("## The sandbox")[0]!).sort(),
            installed(manifest["devDependencies"]).sort(),
        );
    });

    it("have hashes in the lockfile", () => {
        Object.entries(locked).forEach(([path, { integrity }]) =>
            assert.match(integrity ?? "", /^sha512-/, path),
        );
    });

    it("run no install scripts", () => {
        assert.match(read(".npmrc"), /^ignore-scripts=true$/m);
        const scripted = Object.entries(locked).flatMap(([path, { hasInstallScript }]) =>
            hasInstallScript ? [path.replace("node_modules/", "")] : [],
        );
        assert.deepEqual(scripted.sort(), ["@pulumi/kubernetes", "protobufjs"]);
        scripted.forEach((name) => assert.ok(read("docs", "dependencies.md").includes(`\`${name}\``), name));
    });

    it("have redistributable licences when they ship", () => {
        const known =
            /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|CC-BY-3\.0|Unlicense)( AND .+)?\)?$/;
        const others = Object.entries(locked)
            .filter(([, { dev, license = "" }]) => dev !== true && !known.test(license))
            .map(([path]) => path.replace("node_modules/", ""));
        // Its file says MIT.
        assert.deepEqual(others, ["@logdna/tail-file"]);
    });

    it("of the sandbox are pinned with hashes", () => {
        const requirements = read("sandbox", "ec2", "requirements.txt").split(/\n(?=\S)/);
        const pinned = requirements.filter((block) => !block.startsWith("#"));
        assert.ok(pinned.length > 25);
        const nameOf = (line: string) => /^[\w.-]+/.exec(line)?.[0];
        const wanted = read("sandbox", "ec2", "requirements.in")
            .split("\n")
            .flatMap((line) => nameOf(line) ?? []);
        assert.deepEqual(wanted, ["flask", "flask-cors", "moto"]);
        wanted.forEach((name) => assert.ok(pinned.some((block) => nameOf(block) === name)));
        pinned.forEach((block) => assert.match(block, /^[\w.-]+==\S+[\s\S]*--hash=sha256:[0-9a-f]{64}/));
        assert.match(read("sandbox", "ec2", "server.ts"), /"--require-hashes"/);

        const goMod = read("sandbox", "controlPlane", "go.mod");
        const replaced = new Map(
            [...goMod.matchAll(/^replace (\S+) => \S+ (\S+)/gm)].map(([, module, version]) => [
                module,
                version,
            ]),
        );
        const required = [...goMod.matchAll(/^\t(\S+) (v\S+)/gm)];
        const sums = read("sandbox", "controlPlane", "go.sum");
        assert.ok(required.length > 100);
        required.forEach(([, module, version]) =>
            assert.ok(
                sums.includes(`${module} ${replaced.get(module) ?? version}/go.mod h1:`),
                `${module} ${version}`,
            ),
        );
    });
});
