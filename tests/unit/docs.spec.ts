import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { parse } from "yaml";
import { CsiDriver, NodesPreset } from "../../components";
import { nodeFilters } from "../../components/plan/nodeFilters";
import { byNodeCount, sortedUnique, zoneForOrdinal } from "../../components/plan/zoneChoice";
import { backupTag, volumeTags } from "../../components/plan/tags";
import { readStorages } from "../../program/config";
import { configAsText } from "../../sandbox/engine/program";
import { benchmarksPage } from "../../scripts/docs/benchmarksPage";
import { grants, policyOf } from "../../permissions/iamRights";
import { limitsPage } from "../../scripts/docs/limitsPage";
import { readSettings } from "../../scripts/docs/settings";
import { settingsPage } from "../../scripts/docs/settingsPage";
import { clusterRole, iamPolicy, permissionsPage } from "../../scripts/docs/permissionsPage";
import { addAdopt } from "../../tools/commands/adopt";
import { buildMap } from "../../tools/map/build";
import { picture } from "../../tools/map/svg";
import { fullStorage } from "../support/fixtures/fullStorage";
import { statefulSet } from "../../scripts/docs/exampleMaps";

const root = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const readme = read("README.md");

/** First cells, in backticks, of the table below a text of a page. */
function firstCells(page: string, below: string): string[] {
    const text = read(page);
    const table =
        text
            .slice(text.indexOf(below))
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

describe("documents", () => {
    it("begin with a README of at most 150 lines", () => {
        assert.ok(readme.split("\n").length <= 151);
    });

    it("list exactly the settings of the config", () => {
        const { region, nodes, zones, ...storage } = fullStorage;
        const listed = readSettings().map(({ title, settings }) => [
            title,
            settings.map(({ path }) => path).sort(),
        ]);
        const {
            Cluster,
            Overrides: _overrides,
            Moves: _moves,
            ...parts
        } = Object.fromEntries(listed) as Record<string, string[]>;
        const { "Access to the cluster": access, "Copies of backups": _copies, ...own } = parts;
        assert.deepEqual(Cluster, ["name", ...paths({ region, nodes, zones })].sort());
        assert.deepEqual(access, ["context", "kubeconfig"]);
        assert.deepEqual(
            Object.values(own).flat().sort(),
            [
                ...paths(storage),
                "claims.names",
                "claims.pattern",
                "placement",
                ...["", ".cluster", ".storage", ".before", ".region"].map((end) => `volume.from${end}`),
                ...["", ".cluster", ".storage"].map((end) => `volume.copyOf${end}`),
            ].sort(),
        );
    });

    it("say what a later change of a setting does", () => {
        const changes = Object.fromEntries(
            readSettings().flatMap(({ settings }) =>
                settings.map(({ path, afterCreation }) => [path, afterCreation]),
            ),
        );
        const fixed = Object.keys(changes).filter((path) => changes[path] === "fixed");
        assert.deepEqual(fixed.sort(), [
            "dynamicStorageClass.reclaimPolicy",
            "overrides.<n>.moves.<i>.encrypted",
            "overrides.<n>.moves.<i>.kmsKeyId",
            "overrides.<n>.moves.<i>.snapshotId",
            "overrides.<n>.moves.<i>.zone",
            "overrides.<n>.persistentVolumeName",
            "overrides.<n>.zone",
            "persistentVolume.volumeMode",
            "region",
            "volume.encrypted",
            "volume.kmsKeyId",
            "volume.multiAttachEnabled",
            "volume.snapshotId",
        ]);
        assert.equal(changes["volume.sizeGiB"], "can change");
    });

    it("list every tag", () => {
        const claim = { namespace: "<namespace>", name: "<claim>" };
        const tags = Object.entries(
            volumeTags("<cluster>", "<PersistentVolume>", CsiDriver.eksAutoMode, claim),
        );
        tags.push([backupTag, "<cluster>/<storage>"]);
        assert.deepEqual(
            firstCells("docs/data.md", "## Tags").sort(),
            tags.map(([key, value]) => `${key}=${value}`).sort(),
        );
    });

    it("list every option of adopt", () => {
        const program = new Command();
        addAdopt(program, () => () => Promise.resolve());
        const flags = program.commands[0]?.options.map(({ flags }) => flags) ?? [];
        const page = "docs/existing-disks.md";
        assert.deepEqual(
            firstCells(page, "| option |").sort(),
            ["<PersistentVolume> ...", ...flags].filter((flag) => flag !== "--help").sort(),
        );
    });

    it("show the limits that validation uses", () => {
        assert.equal(read("docs/volume-limits.md"), limitsPage());
    });

    it("show the permissions that the tests use", () => {
        assert.equal(read("docs/benchmarks.md"), benchmarksPage());
        assert.equal(read("docs/permissions.md"), permissionsPage());
        assert.equal(read("docs/iam-policy.json"), iamPolicy());
        assert.equal(read("docs/cluster-role.yaml"), clusterRole());
    });

    it("replace all placeholders of the policy", () => {
        const [, script = ""] =
            /```sh\n(sed [\s\S]*?) > policy\.json/.exec(read("docs/permissions.md")) ?? [];
        const filled = execFileSync("sh", ["-c", script], { cwd: root, encoding: "utf8" });
        const names = {
            REGION: "eu-west-1",
            ACCOUNT: "123456789012",
            CLUSTER: "proyecto.k8s.local",
            KEY: "1234abcd-12ab-34cd-56ef-1234567890ab",
        };
        assert.deepEqual(JSON.parse(filled), policyOf(grants, names));
    });

    it("include the library's complete doc comments", () => {
        assert.equal(read("docs/settings.md"), settingsPage());
    });

    it("show the current map", () => {
        assert.equal(read("docs/zone-map.svg"), picture(buildMap(statefulSet())));
    });

    it("list the tags of each preset", () => {
        const rows = read("docs/nodes.md").matchAll(/^\| `(\w+)` \| (.+?) \| `(.+?)` \|/gm);
        const listed = [...rows].map(([, preset, tags = "", group = ""]) => {
            const filters = tags.split(", ").map((tag) => {
                const [key = "", value = ""] = tag.replaceAll("`", "").split("=");
                return { name: `tag:${key}`, values: [value] };
            });
            return [preset, [...filters, { name: "tag-key", values: [group] }]];
        });
        assert.deepEqual(
            listed,
            Object.values(NodesPreset).map((preset) => [preset, nodeFilters("<cluster>", { preset })]),
        );
    });

    it("show the zones of the first disks for each placement", () => {
        const rows = read("docs/nodes.md").matchAll(/^\| (\d), (\d), (\d) \| ([abc ]+) \| ([abc ]+) \|$/gm);
        const listed = [...rows];
        assert.equal(listed.length, 5);
        listed.forEach(([row, a, b, c, ...sequences]) => {
            const counts = { a: Number(a), b: Number(b), c: Number(c) };
            const zones = Object.entries(counts).flatMap(([zone, count]) => (count > 0 ? [zone] : []));
            const placed = [sortedUnique(zones), byNodeCount(counts)].map((turn) =>
                [0, 1, 2, 3, 4, 5].map((ordinal) => zoneForOrdinal(turn, ordinal)).join(" "),
            );
            assert.deepEqual(sequences, placed, row);
        });
    });

    it("show errors as the program prints them", () => {
        const [shown = ""] =
            /error: the stack's config can't be used:\n(  - .*\n)+/.exec(read("docs/settings.md")) ?? [];
        const jenkins = { count: 0, volume: { sizeGiB: 0 } };
        const config = { cluster: { name: "proyecto.k8s.local" }, storages: { jenkins } };
        const asKeys = Object.entries(config).map(([key, value]): [string, unknown] => [
            `zonal-persistent-storage:${key}`,
            value,
        ]);
        assert.throws(() => names(configAsText(Object.fromEntries(asKeys))), {
            message: shown.replace("error: ", "").trimEnd(),
        });
    });

    it("show valid config", () => {
        const [stack] = blocks(readme, "yaml").map(
            (text) => parse(text) as { config: Record<string, unknown> },
        );
        assert.deepEqual(names(configAsText(stack!.config)), ["jenkins"]);

        const pages = ["docs/volumes.md", "docs/claims.md"].flatMap((page) => blocks(read(page), "yaml"));
        const cluster = { name: "proyecto.k8s.local" };
        const data = { count: 3, volume: { sizeGiB: 10 } };
        const storages = { data };
        const nodes = blocks(read("docs/nodes.md"), "yaml")
            .map((text) => parse(text) as object)
            // A part of a pod, which the sandbox's claims.spec runs.
            .filter((settings) => !("topologySpreadConstraints" in settings));
        assert.equal(nodes.length, 2);
        const shown = pages.map((text) => parse(text) as object);
        const others = shown.map((settings) =>
            "overrides" in settings ? { storages: { data: { ...data, ...settings } } } : settings,
        );
        [...others, ...nodes].forEach((settings) => {
            const config = Object.entries({ cluster, storages, ...settings }).map(
                ([key, value]): [string, unknown] => [`zonal-persistent-storage:${key}`, value],
            );
            readStorages("zonal-persistent-storage", configAsText(Object.fromEntries(config)));
        });
    });
});

describe("manifests", () => {
    it("name one project and one package, and the program is index.ts", () => {
        const pulumi = parse(read("Pulumi.yaml")) as { name: string; main: string };
        const npm = JSON.parse(read("package.json")) as { name: string };
        assert.deepEqual(
            [pulumi.name, npm.name, pulumi.main],
            [npm.name, "zonal-persistent-storage", "index.ts"],
        );
    });

    it("name the plugin's runtime and entry point", () => {
        const plugin = parse(read("PulumiPlugin.yaml")) as { runtime: { name: string } };
        const { main } = JSON.parse(read("package.json")) as { main: string };
        assert.deepEqual([plugin.runtime.name, main], ["nodejs", "plugin.cjs"]);
    });

    it("have valid config for each stack", () => {
        const dev = parse(read("Pulumi.dev.yaml")) as { config: Record<string, unknown> };
        assert.deepEqual(names(configAsText(dev.config)), ["jenkins"]);
    });

    it("pin shipped dependencies, and the lockfile has no addresses", () => {
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
