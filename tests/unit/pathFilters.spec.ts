import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createSourceFile, isExportDeclaration, isImportDeclaration, ScriptTarget } from "typescript";
import { parse } from "yaml";
import { pathFilters } from "../../deployments/pathFilters";
import { stacks } from "../../deployments/settings";
import { startsDeployment } from "../support/pages/changedFiles";

const root = join(__dirname, "..", "..");
const names = stacks.map(({ stack }) => stack);

/** Which stacks a push starts, by the files that it changes. */
const pushes: [string, string[], string[]][] = [
    ["the program", ["index.ts"], names],
    ["how config is read", ["program/config.ts"], names],
    ["how the cluster is reached", ["program/clusterProviders.ts"], names],
    ["how stack traces look", ["program/fastStackTraces.ts"], names],
    ["what the stack says of itself", ["program/stackReadme.ts"], names],
    ["the component", ["components/index.ts"], names],
    ["a folder in the component", ["components/lookups/awsQueries.ts"], names],
    ["what is installed", ["package-lock.json"], names],
    ["the project", ["Pulumi.yaml"], names],
    ["one stack's settings", ["Pulumi.prod.yaml"], ["prod"]],
    ["two stacks' settings", ["Pulumi.dev.yaml", "Pulumi.staging.yaml"], ["dev", "staging"]],
    ["a page and the program", ["README.md", "components/plan/disks.ts"], names],
    ["pages", ["README.md", "docs/nodes.md", "CHANGELOG.md"], []],
    ["tests", ["tests/unit/plan.spec.ts", ".mocharc.json"], []],
    ["the sandbox", ["sandbox/main.ts", "sandbox/controlPlane/go.mod"], []],
    ["the doctor", ["tools/doctor/diagnose.ts"], []],
    ["the map", ["tools/map/draw.ts"], []],
    ["the deployments", ["deployments/index.ts", "deployments/package.json"], []],
    ["the policies", ["policy/policies.ts"], []],
    ["an example", ["examples/statefulset/Pulumi.yaml", "examples/statefulset/Pulumi.dev.yaml"], []],
    ["another stack's settings", ["Pulumi.test.yaml"], []],
    ["a file of the same name elsewhere", ["examples/index.ts", "docs/package.json"], []],
    ["nothing", [], []],
];

describe("path filters", () => {
    pushes.forEach(([what, changed, started]) =>
        it(`start ${started.join(", ") || "nothing"} for a change of ${what}`, () =>
            assert.deepEqual(
                names.filter((stack) => startsDeployment(pathFilters(stack), changed)),
                started,
            )),
    );

    it("include all imports of the program", () => {
        const files = [...reached("index.ts")];
        assert.ok(files.length > 10);
        files.forEach((file) => assert.ok(startsDeployment(pathFilters("dev"), [file]), file));
    });

    it("match the GitHub workflow", () => {
        const { on } = parse(
            readFileSync(join(root, "examples", "github-actions", "storage.yml"), "utf8"),
        ) as { on: Record<string, { paths: string[] }> };
        const all = [...new Set(names.flatMap(pathFilters))].sort();
        assert.deepEqual(Object.keys(on), ["pull_request", "push"]);
        Object.values(on).forEach(({ paths }) => assert.deepEqual([...paths].sort(), all));
    });

    it("match the command in the page", () => {
        const page = readFileSync(join(root, "docs", "environments.md"), "utf8");
        const [, filters = ""] = /--path-filter '(.*)'/.exec(page) ?? [];
        assert.deepEqual(filters.split(","), pathFilters("staging"));
    });

    it("match whole paths, and exclusions win", () => {
        assert.equal(startsDeployment([], ["any"]), true);
        assert.equal(startsDeployment(["!docs/**"], ["docs/a.md"]), false);
        assert.equal(startsDeployment(["!docs/**"], ["docs/a.md", "b.ts"]), true);
        assert.equal(startsDeployment(["!foo/**", "foo/bar/**"], ["foo/bar/main.ts"]), false);
        assert.equal(startsDeployment(["infrastructure"], ["infrastructure/a.ts"]), false);
        assert.equal(startsDeployment(["*.ts"], ["infrastructure/a.ts"]), false);
    });
});

/** The files that a file imports, itself among them. */
function reached(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) {
        return seen;
    }
    seen.add(file);
    const text = readFileSync(join(root, file), "utf8");
    createSourceFile(file, text, ScriptTarget.Latest).statements.forEach((statement) => {
        if (!isImportDeclaration(statement) && !isExportDeclaration(statement)) {
            return;
        }
        const from = (statement.moduleSpecifier as unknown as { text: string } | undefined)?.text ?? "";
        if (from.startsWith(".")) {
            const path = require.resolve(join(root, file, "..", from));
            reached(relative(root, path), seen);
        }
    });
    return seen;
}
