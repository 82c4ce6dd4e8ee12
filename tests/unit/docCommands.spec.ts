import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "../../scripts/docs/markdown";
import { fences } from "../support/pages/fences";
import type { Fence } from "../support/pages/fences";
import { project } from "../support/cluster/sandbox";

/** Languages of blocks that one is meant to type. */
const shells = ["sh", "bash", "shell", "console", "zsh"];

/** Blocks that a test runs: those of a page, of one of its sections, or the one that begins so. */
interface Run {
    readonly page: string;
    readonly section?: string;
    /** A section that another entry has. */
    readonly except?: string;
    readonly start?: string;
    /** How many blocks there are; a new one has to be looked at. Not for tests that take all that a page has. */
    readonly blocks?: number;
    readonly by: string;
    /** Whether the test names each section that it runs. */
    readonly areNamed?: boolean;
    /** Where the test has commands of its own, not the page's: words that both have. */
    readonly words?: readonly string[];
}

const run: readonly Run[] = [
    {
        page: "README.md",
        section: "Two commands",
        start: "npm ci && npm run sandbox",
        blocks: 1,
        by: "tests/sandbox/job.spec.ts",
        words: ["sandbox", "run"],
    },
    { page: "docs/tutorial.md", by: "tests/engine/readme.spec.ts" },
    { page: "docs/more-disks.md", by: "tests/engine/readme.spec.ts" },
    {
        page: "docs/environments.md",
        section: "A new environment",
        blocks: 1,
        by: "tests/engine/readme.spec.ts",
    },
    { page: "docs/environments.md", section: "The cluster", blocks: 1, by: "tests/engine/readme.spec.ts" },
    {
        page: "docs/acceptance.md",
        blocks: 2,
        by: "tests/engine/acceptance.spec.ts",
        words: ["--account", "--region", "--cluster", "--clean"],
    },
    {
        page: "docs/evacuate.md",
        blocks: 2,
        by: "tests/engine/evacuate.spec.ts",
        words: ["evacuate", "move", "rebalance", "restore", "drill", "--zone", "--at", "--to"],
    },
    {
        page: "docs/existing-disks.md",
        section: "Adopt",
        blocks: 1,
        by: "tests/engine/adopt.spec.ts",
        words: ["--all", "--dry-run"],
    },
    {
        page: "docs/existing-disks.md",
        section: "Release",
        blocks: 1,
        by: "tests/engine/adopt.spec.ts",
        words: ["release", "www-web"],
    },
    {
        page: "docs/existing-disks.md",
        section: "A second cluster takes the disks over",
        blocks: 3,
        by: "tests/engine/handOver.spec.ts",
        words: ["release", "--hand-over", "--released", "--dry-run"],
    },
    {
        page: "docs/existing-disks.md",
        section: "In-tree volumes, with a pause",
        by: "tests/sandbox/docs.spec.ts",
    },
    {
        page: "docs/runbooks.md",
        except: "A region is lost",
        by: "tests/engine/runbooks.spec.ts",
        areNamed: true,
    },
    {
        page: "docs/runbooks.md",
        section: "A region is lost",
        blocks: 2,
        by: "tests/engine/sourceSnapshots.spec.ts",
        areNamed: true,
    },
    {
        page: "docs/claims.md",
        section: "A PersistentVolume stays Released",
        blocks: 1,
        by: "tests/sandbox/claims.spec.ts",
    },
    {
        page: "docs/volumes.md",
        section: "Find retained volumes and use them again",
        start: "aws ec2 describe-volumes",
        blocks: 1,
        by: "tests/sandbox/docs.spec.ts",
    },
    {
        page: "docs/volumes.md",
        section: "Find retained volumes and use them again",
        start: "pulumi import",
        blocks: 1,
        by: "tests/engine/volumes.spec.ts",
    },
    {
        page: "docs/volumes.md",
        section: "EC2 has refused something",
        blocks: 1,
        by: "tests/engine/realAccount.spec.ts",
        words: ["up", "--refresh"],
    },
    {
        page: "docs/volumes.md",
        section: "An update was interrupted",
        blocks: 1,
        by: "tests/engine/recover.spec.ts",
        words: ["npx zonal-persistent-storage recover"],
    },
    {
        page: "docs/map.md",
        section: "In Pulumi Cloud",
        blocks: 1,
        by: "tests/engine/stacks.spec.ts",
        words: ["stack", "output", "readme"],
    },
    {
        page: "docs/permissions.md",
        section: "The cluster",
        blocks: 2,
        by: "tests/sandbox/clusterRole.spec.ts",
    },
    {
        page: "examples/statefulset/README.md",
        blocks: 1,
        by: "tests/sandbox/docs.spec.ts",
        words: ["statefulset"],
    },
    {
        page: "examples/named-claim/README.md",
        blocks: 1,
        by: "tests/sandbox/docs.spec.ts",
        words: ["named-claim"],
    },
    {
        page: "examples/operators/README.md",
        blocks: 1,
        by: "tests/sandbox/docs.spec.ts",
        words: ["operators"],
    },
    { page: "docs/large-stacks.md", by: "tests/engine/largeStacks.spec.ts" },
    { page: "docs/auto-mode.md", blocks: 1, by: "tests/engine/autoMode.spec.ts" },
];

/** Blocks that no test runs, by how they begin, and why. */
const notRun: readonly { page: string; start: string; why: string }[] = [
    {
        page: "README.md",
        start: "npm ci && npm test",
        why: "runs all tests, this one among them",
    },
    {
        page: "scripts/packaging/README.md",
        start: "npm install zonal-persistent-storage",
        why: "needs a version in the registry; tests/sandbox/package.spec.ts installs the built package",
    },
    {
        page: "CONTRIBUTING.md",
        start: "npm ci\nnpm run test:fast",
        why: "runs all tests, this one among them; .ci/run does the same on a new machine",
    },
    {
        page: "docs/es/tutorial.md",
        start: "",
        why: "has the blocks of docs/tutorial.md, which the test below compares",
    },
    {
        page: "docs/consumers.md",
        start: "npm install zonal-persistent-storage",
        why: "the package isn't in a registry yet; tests/sandbox/package.spec.ts installs what npm run build makes",
    },
    {
        page: "docs/consumers.md",
        start: "pulumi package add https://",
        why: "needs a git host; tests/engine/languages.spec.ts takes the package from a path",
    },
    {
        page: "docs/permissions.md",
        start: "sed -e 's/REGION",
        why: "needs IAM; tests/unit/docs.spec.ts runs sed, and tests/sandbox/permissions.spec.ts holds to the policy",
    },
    {
        page: "docs/backups.md",
        start: "aws rbin create-rule",
        why: "needs AWS: the sandbox has no rules, only what they do; tests/component/recycleBin.spec.ts runs the program beside it",
    },
    {
        page: "docs/environments.md",
        start: "pulumi env init",
        why: "needs Pulumi Cloud",
    },
    {
        page: "docs/environments.md",
        start: "cd deployments && npm install",
        why: "needs Pulumi Cloud; tests/component/deployments.spec.ts runs the program with mocks",
    },
    {
        page: "docs/environments.md",
        start: "pulumi deployment settings edit",
        why: "needs Pulumi Cloud; tests/unit/pathFilters.spec.ts compares the filter",
    },
    {
        page: "docs/environments.md",
        start: "pulumi login 's3:",
        why: "needs a bucket and a key in AWS",
    },
];

const isOf = (
    block: Fence & { page: string },
    entry: Partial<Pick<Run, "section" | "except" | "start">> & { page: string },
) =>
    block.page === entry.page &&
    (entry.section === undefined || block.section === entry.section) &&
    block.section !== entry.except &&
    block.text.startsWith(entry.start ?? "");

describe("commands in the documents", () => {
    const blocks = pages().flatMap((page) =>
        fences(page)
            .filter(({ language }) => shells.includes(language))
            .map((block) => ({ ...block, page })),
    );

    it("are either run by a named test or listed with a reason", () => {
        const wrong = blocks.filter(
            (block) => [...run, ...notRun].filter((entry) => isOf(block, entry)).length !== 1,
        );
        assert.deepEqual(
            wrong.map(({ page, section, text }) => `${page}, ${section}: ${text.split("\n")[0]}`),
            [],
        );
    });

    it("exist, and their tests refer to their pages", () => {
        run.forEach((entry) => {
            const { page, section, by, words } = entry;
            const count = blocks.filter((block) => isOf(block, entry)).length;
            const name = `${page} ${section ?? ""}`;
            assert.ok(
                entry.blocks === undefined ? count > 0 : count === entry.blocks,
                `${name}: ${count} blocks`,
            );
            assert.ok(existsSync(join(project, by)), by);
            const test = readFileSync(join(project, by), "utf8");
            const sections = blocks.filter((block) => isOf(block, entry)).map((block) => block.section);
            const known = words ?? (entry.areNamed ? sections : [page.split("/").at(-1)!]);
            known.forEach((word) => assert.ok(test.includes(word), `${by} has nothing of ${name}: ${word}`));
        });
    });

    it("that are not run still exist", () => {
        notRun.forEach((entry) =>
            assert.ok(
                blocks.some((block) => isOf(block, entry)),
                JSON.stringify(entry),
            ),
        );
    });

    it("are in blocks of a shell language", () => {
        const disguised = pages().flatMap((page) =>
            fences(page)
                .filter(({ language }) => !shells.includes(language))
                .flatMap(({ text }) => text.split("\n"))
                .filter((line) => /^(\$ |(npm|npx|pulumi|kubectl|aws|git) [a-z-]+( \S|$))/.test(line))
                .map((line) => `${page}: ${line}`),
        );
        assert.deepEqual(disguised, []);
    });

    it("are equal in the tutorial's translation, with their output", () => {
        const bare = (page: string) => fences(page).map(({ language, text }) => ({ language, text }));
        assert.deepEqual(bare("docs/es/tutorial.md"), bare("docs/tutorial.md"));
    });

    it("have the same sections in the translation", () => {
        const sections = (page: string) =>
            [...readFileSync(join(project, page), "utf8").matchAll(/^## (\d*)/gm)].map(
                ([, number]) => number,
            );
        assert.deepEqual(sections("docs/es/tutorial.md"), sections("docs/tutorial.md"));
        ["README.md", "CONTRIBUTING.md", "docs/README.md", "examples/README.md"].forEach((page) =>
            assert.ok(pages().includes(page), page),
        );
    });
});
