import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import * as ts from "typescript";
import { project } from "../support/cluster/sandbox";

/** Imports of each source file, by path. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** Folders and files, the lowest first: each may import itself and what stands before it. */
const orders: Readonly<Record<string, readonly string[]>> = {
    "": [
        ...["components", "permissions", "program", "index.ts"],
        ...["tools", "sandbox", "benchmarks", "scripts", "tests"],
    ],
    components: [
        ...["args", "schema", "engine", "plan", "validation", "history", "lookups", "resources"],
        ...["volumeRecord.ts", "zonalPersistentStorage.ts", "index.ts"],
    ],
    tools: [
        ...["terminal", "inspect", "nodes", "engine", "doctor", "map", "recover", "adopt", "workloads"],
        ...["moves", "release", "acceptance"],
        ...["commands", "main.ts"],
    ],
};

/** Programs of their own, which import nothing but themselves and packages. Only tests know them. */
const standalone = ["deployments", "policy", "examples"];

describe("the layout", () => {
    const imports = readImports();

    it("includes every file", () => {
        const files = [...imports.keys()].filter((file) => !standalone.includes(partsOf(file)[0]!));
        const strays = files.filter((file) =>
            Object.keys(orders).some((folder) => isIn(folder, file) && rank(folder, file) < 0),
        );
        assert.deepEqual(strays, []);
    });

    it("has no import of a higher folder", () => {
        const upward = arrows(imports).filter(([from, to]) =>
            Object.keys(orders).some(
                (folder) => isIn(folder, from) && isIn(folder, to) && rank(folder, from) < rank(folder, to),
            ),
        );
        assert.deepEqual(upward, []);
    });

    it("has no import out of the library or a standalone program", () => {
        const leaving = arrows(imports).filter(([from, to]) =>
            ["components", ...standalone].some((folder) => isIn(folder, from) && !isIn(folder, to)),
        );
        assert.deepEqual(leaving, []);
    });

    it("has no package in the library that is for the commands", () => {
        const packages = new Set(
            [...imports.keys()].filter((file) => isIn("components", file)).flatMap(packagesOf),
        );
        assert.deepEqual(
            [...packages].filter((name) => !/^(node:|@pulumi\/|google-protobuf|zod$)/.test(name)),
            [],
        );
    });

    it("imports standalone programs only in tests", () => {
        const foreign = arrows(imports).filter(([from, to]) =>
            standalone.some((folder) => isIn(folder, to) && !isIn(folder, from) && !isIn("tests", from)),
        );
        assert.deepEqual(foreign, []);
    });

    it("has no import cycles", () => {
        assert.deepEqual(circlesIn(imports), []);
    });

    it("has no comment that starts with What", () => {
        const isRiddle = (file: string) =>
            /^\s*(\/\*\*|\/\/|\*) What /m.test(readFileSync(join(project, file), "utf8"));
        assert.deepEqual([...imports.keys()].filter(isRiddle), []);
    });

    it("detects a cycle", () => {
        const graph = new Map([
            ["a", ["b"]],
            ["b", ["c", "d"]],
            ["c", ["a"]],
            ["d", []],
        ]);
        assert.deepEqual(circlesIn(graph), [["a", "b", "c"]]);
    });
});

function readImports(): Imports {
    const { config } = ts.readConfigFile(join(project, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
        config: unknown;
    };
    const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, project);
    const files = new Set(fileNames.map((file) => relative(project, file).split(sep).join("/")));
    return new Map(
        [...files].map((file) => {
            const own = importsOf(file).filter((name) => name.startsWith("."));
            return [file, own.map((name) => resolved(files, file, name))];
        }),
    );
}

function importsOf(file: string): string[] {
    const text = readFileSync(join(project, file), "utf8");
    return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function packagesOf(file: string): string[] {
    return importsOf(file).filter((name) => !name.startsWith("."));
}

function resolved(files: ReadonlySet<string>, from: string, name: string): string {
    const path = join(from, "..", name).split(sep).join("/");
    const found = [path, `${path}.ts`, `${path}/index.ts`].find((file) => files.has(file));
    assert.ok(found, `${from} imports ${name}, which isn't there`);
    return found;
}

function arrows(imports: Imports): [string, string][] {
    return [...imports].flatMap(([from, all]) => all.map((to): [string, string] => [from, to]));
}

function partsOf(path: string): string[] {
    return path === "" ? [] : path.split("/");
}

function isIn(folder: string, file: string): boolean {
    return folder === "" || file.startsWith(`${folder}/`);
}

/** Place in a folder's order of the part of a path that comes after the folder; negative if it has none. */
function rank(folder: string, file: string): number {
    return orders[folder]!.indexOf(partsOf(file)[partsOf(folder).length]!);
}

/** Groups of files of which each reaches all others, sorted. */
function circlesIn(imports: Imports): string[][] {
    const reached = new Map([...imports.keys()].map((file) => [file, reachedFrom(file, imports)]));
    const groups = [...imports.keys()].map((file) =>
        [...imports.keys()]
            .filter((other) => reached.get(file)!.has(other) && reached.get(other)!.has(file))
            .sort(),
    );
    const found = groups.filter((group) => group.length > 0).map((group) => group.join(" "));
    return [...new Set(found)].map((group) => group.split(" "));
}

/** Every file that is imported from a file, directly or not: itself too where that is so. */
function reachedFrom(file: string, imports: Imports): ReadonlySet<string> {
    const seen = new Set<string>();
    const open = [...(imports.get(file) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (!seen.has(next)) {
            seen.add(next);
            open.push(...(imports.get(next) ?? []));
        }
    }
    return seen;
}
