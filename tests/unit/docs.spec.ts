import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { CsiDriver } from "../../components";
import { volumeTags } from "../../components/plan";
import { readStorages } from "../../config";
import { asTexts } from "../../sandbox/engine/program";
import { limitsPage } from "../../docs/limitsTable";
import { full } from "../support/fullStorage";

const root = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const readme = read("README.md");

/** First cells, in backticks, of the table below a text. */
function firstCells(below: string): string[] {
    const table =
        readme
            .slice(readme.indexOf(below))
            .split("\n\n")
            .find((part) => part.startsWith("| ")) ?? "";
    return table
        .split("\n")
        .slice(2)
        .flatMap((row) =>
            [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, cell]) => cell ?? ""),
        );
}

/** Settings of a storage as dotted paths; maps with keys of the user's count as one. */
function paths(settings: object, at = ""): string[] {
    const whole = ["overrides", "zoneByOrdinal", "tags", "labels", "annotations"];
    return Object.entries(settings).flatMap(([key, value]) =>
        typeof value === "object" && !Array.isArray(value) && !whole.includes(key)
            ? paths(value as object, `${at}${key}.`)
            : [`${at}${key}`],
    );
}

/** Blocks of a language in a page of Markdown. */
function blocks(page: string, language: string): string[] {
    return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
        ([, block]) => block ?? "",
    );
}

/** Names of the storages that a config asks for. */
function names(config: Record<string, string>): string[] {
    return readStorages("zonal-persistent-storage", config).map(({ name }) => name);
}

describe("the documents", () => {
    it("list every setting of a storage, and no other", () => {
        const { nodes: _nodes, zones: _zones, ...storage } = full;
        assert.deepEqual(
            firstCells("Each entry of `storages`").sort(),
            [...paths(storage), "claims.names"].sort(),
        );
    });

    it("list every setting of the cluster", () => {
        assert.deepEqual(firstCells("`cluster` says which cluster"), [
            "name",
            "nodes.securityGroupName",
            "zones",
        ]);
    });

    it("list every tag", () => {
        const claim = { namespace: "<namespace>", name: "<claim>" };
        const tags = Object.entries(
            volumeTags("<cluster>", "<PersistentVolume>", CsiDriver.eksAutoMode, claim),
        );
        assert.deepEqual(firstCells("## Tags").sort(), tags.map(([key, value]) => `${key}=${value}`).sort());
    });

    it("print the limits that settings are checked against", () => {
        assert.equal(read("docs/volume-limits.md"), limitsPage());
    });

    it("show config that the program takes", () => {
        const [stack] = blocks(readme, "yaml").map(
            (text) => parse(text) as { config: Record<string, unknown> },
        );
        assert.deepEqual(names(asTexts(stack!.config)), ["jenkins"]);

        const pages = ["docs/volumes.md", "docs/claims.md"].flatMap((page) => blocks(read(page), "yaml"));
        const [override, ...others] = pages.map((text) => parse(text) as object);
        const cluster = { name: "proyecto.k8s.local" };
        const data = { count: 3, volume: { sizeGiB: 10 } };
        [{ storages: { data: { ...data, ...override } } }, ...others].forEach((settings) => {
            const config = Object.entries({ cluster, ...settings }).map(([key, value]): [string, unknown] => [
                `zonal-persistent-storage:${key}`,
                value,
            ]);
            readStorages("zonal-persistent-storage", asTexts(Object.fromEntries(config)));
        });
    });

    it("link to files that exist", () => {
        [
            "README.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "docs/volumes.md",
            "docs/claims.md",
            "docs/doctor.md",
        ].forEach((page) => {
            const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link ?? "");
            links.forEach((link) =>
                assert.ok(existsSync(join(root, dirname(page), link)), `${page}: ${link}`),
            );
        });
    });
});

describe("the manifests", () => {
    it("name one project and one package, and the program is index.ts", () => {
        const pulumi = parse(read("Pulumi.yaml")) as { name: string; main: string };
        const npm = JSON.parse(read("package.json")) as { name: string };
        assert.deepEqual(
            [pulumi.name, npm.name, pulumi.main],
            [npm.name, "zonal-persistent-storage", "index.ts"],
        );
    });

    it("of the stacks have config that the program takes", () => {
        const dev = parse(read("Pulumi.dev.yaml")) as { config: Record<string, unknown> };
        assert.deepEqual(names(asTexts(dev.config)), ["jenkins"]);
    });

    it("pin what ships, and the lockfile names no addresses", () => {
        const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
            string,
            Record<string, string>
        >;
        Object.entries({ ...dependencies, ...devDependencies }).forEach(([name, version]) =>
            assert.match(version, /^\d+\.\d+\.\d+$/, name),
        );
        assert.doesNotMatch(read("package-lock.json"), /"resolved"/);
    });
});
