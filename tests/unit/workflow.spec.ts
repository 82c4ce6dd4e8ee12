import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { project } from "../support/cluster/sandbox";

interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
    readonly permissions: Readonly<Record<string, string>>;
    readonly jobs: Readonly<
        Record<string, { strategy: { matrix: { node: number[] } }; "timeout-minutes": number; steps: Step[] }>
    >;
}

const text = readFileSync(join(project, ".github", "workflows", "ci.yml"), "utf8");
const workflow = parse(text) as Workflow;
const [job, ...others] = Object.values(workflow.jobs);
const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    engines: { node: string };
    dependencies: Record<string, string>;
};

describe("the public workflow", () => {
    it("runs .ci/run on all supported Node.js versions", () => {
        assert.deepEqual(others, []);
        const [, oldest] = /^>=(\d+)/.exec(manifest.engines.node) ?? [];
        const { node } = job!.strategy.matrix;
        assert.deepEqual([node[0], node], [Number(oldest), [20, 22, 24]]);
        assert.equal(job!.steps.at(-1)?.run, ".ci/run");
        assert.ok(statSync(join(project, ".ci", "run")).mode & 0o100, ".ci/run is executable");
    });

    it("has read-only permissions and a time limit", () => {
        assert.deepEqual(workflow.permissions, { contents: "read" });
        assert.ok(job!["timeout-minutes"] > 0);
    });

    it("pins actions by commit, with tags", () => {
        const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
        assert.equal(used.length, job!.steps.filter(({ uses }) => uses !== undefined).length);
        used.forEach((action) => assert.match(action!, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/));
    });

    it("installs the providers in the versions of package.json", () => {
        const install = job!.steps.findIndex(({ run }) => run?.includes("plugin install resource"));
        assert.ok(install >= 0 && install < job!.steps.length - 1);
        const script = job!.steps[install]!.run!;
        const [, providers = ""] = /for provider in (.+);/.exec(script) ?? [];
        providers
            .split(" ")
            .forEach((name) => assert.ok(manifest.dependencies[`@pulumi/${name}`] !== undefined, name));
        assert.match(script, /require\('\.\/package\.json'\)\.dependencies/);
        assert.doesNotMatch(script, /\d+\.\d+/);
    });
});
