import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StackFile } from "../../tools/adopt/stackFile";
import { findProject } from "../../tools/engine/project";
import { parse } from "yaml";
import { diskOfOthers, disksOfSet, plan } from "../support/fixtures/disksToAdopt";
import { hostileTexts } from "../support/fixtures/hostile";

interface Storage {
    readonly overrides: { readonly "0": { readonly tags: object } };
}

describe("a stack's file that gets storages", () => {
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "adopt-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const file = () => join(folder, "Pulumi.dev.yaml");
    const read = async (text: string, stack = "dev") => {
        await writeFile(file(), text);
        return StackFile.read({ name: "shop", configFolder: folder }, stack);
    };
    const storages = plan(disksOfSet("web", "www", [0]), {
        owners: [{ namespace: "default", name: "web", templates: ["www"] }],
        name: "new",
        usesOnly: true,
    });
    const { persistentVolumeName, volumeId } = (
        storages[0]?.settings["overrides"] as Record<string, Record<string, string>>
    )["0"]!;
    /** The lines of the storage in a file. */
    const lines = (column: number, indent: number) =>
        [
            [0, "new:"],
            [1, "count: 1"],
            [1, "volume:"],
            [2, "sizeGiB: 10"],
            [2, "type: gp3"],
            [1, "storageClass:"],
            [2, "name: manual"],
            [1, "claims:"],
            [2, "statefulSet: web"],
            [2, "template: www"],
            [1, "overrides:"],
            [2, '"0":'],
            [3, `persistentVolumeName: ${persistentVolumeName}`],
            [3, `volumeId: ${volumeId}`],
        ]
            .map(([depth, text]) => `${" ".repeat(column + indent * Number(depth))}${text}\n`)
            .join("");
    it("is refused when somebody else has written it meanwhile", async () => {
        const stackFile = await read("config:\n  shop:cluster:\n    name: a\n");
        const other = "config:\n  shop:cluster:\n    name: b\n";
        await writeFile(file(), other);
        await assert.rejects(async () => stackFile?.add(storages), {
            message: `${file()} was changed by somebody else meanwhile, and wasn't written`,
        });
        assert.equal(await readFile(file(), "utf8"), other);
    });

    const added = async (text: string) => {
        const stackFile = await read(text);
        await stackFile?.add(storages);
        return readFile(file(), "utf8");
    };

    const head = (indent: string) => `# The shop.
encryptionsalt: v1:abc=
config:
${indent}aws:region: eu-west-1 # Ireland

${indent}# Accounts, and a number that YAML could read otherwise.
${indent}aws:allowedAccountIds: [ 012345678901,123456789012345678901 ]
${indent}shop:token:
${indent}${indent}secure: v1:def==
${indent}shop:cluster: {name: proyecto.k8s.local}
`;
    [2, 4].forEach((indent) => {
        const spaces = " ".repeat(indent);
        it(`keeps every other line with an indent of ${indent}`, async () => {
            const old = `${head(spaces)}${spaces}shop:storages:
${spaces}${spaces}old: # the first
${spaces}${spaces}${spaces}count: 1
${spaces}${spaces}${spaces}volume: { sizeGiB: 1, kmsKeyId: {secure: v1:ghi=} } # 1 GiB
`;
            const tail = `${spaces}# Last.\n${spaces}shop:other: 'x'\n`;
            assert.equal(await added(`${old}${tail}`), `${old}${lines(2 * indent, indent)}${tail}`);
            assert.deepEqual(await readdir(folder), ["Pulumi.dev.yaml"]);
        });

        it(`gets the first storages with an indent of ${indent}`, async () => {
            const text = head(spaces);
            const expected = `${text}${spaces}shop:storages:\n${lines(2 * indent, indent)}`;
            assert.equal(await added(text), expected);
            assert.equal(await added(text.trimEnd()), expected, "without a line end");
        });
    });

    ["", " {}", " ~", " null"].forEach((value) =>
        it(`gets storages in the place of ${JSON.stringify(value)}`, async () => {
            const text = `config:\n    shop:storages:${value}\n    shop:cluster: # why\n        name: c\n`;
            assert.equal(
                await added(text),
                `config:\n    shop:storages:\n${lines(8, 4)}    shop:cluster: # why\n        name: c\n`,
            );
        }),
    );

    it("can have its storages in braces", async () => {
        const text = await added(
            `{ "config": { "shop:cluster": { "name": "c" }, "shop:storages": { "old": {} }, "n": 012 } }\n`,
        );
        assert.match(text, /"n": 012/);
        assert.deepEqual(
            (await StackFile.read({ name: "shop", configFolder: folder }, "dev"))?.storageNames,
            ["old", "new"],
        );
    });

    it("says which names it has", async () => {
        const stackFile = await read(
            `config:\n  shop:cluster: { name: c }\n  shop:storages:\n    a: { overrides: { "0": { persistentVolumeName: pv-1 }, "1": ~ } }\n    b:\n`,
        );
        assert.equal(stackFile?.name, "Pulumi.dev.yaml");
        assert.equal(stackFile.clusterName, "c");
        assert.deepEqual(stackFile.storageNames, ["a", "b"]);
        assert.deepEqual(stackFile.persistentVolumeNames, ["pv-1"]);
        const secret = await read(`config:\n  shop:cluster:\n    secure: v1:abc\n`);
        assert.deepEqual([secret?.clusterName, secret?.storageNames], [undefined, []]);
    });

    it("has texts in quotes that Pulumi would read as a time or a number", async () => {
        const texts = [
            "2026-11-26",
            "1_000",
            "0b11",
            "0o17",
            "017",
            "1e3",
            "yes",
            "n",
            "~",
            "",
            "<<",
            " a",
            "a: b",
            ...hostileTexts.slice(0, 20),
        ];
        const tags = Object.fromEntries(texts.map((text, index) => [`tag${index}`, text]));
        const stackFile = await read("config:\n  shop:cluster: { name: c }\n");
        await stackFile?.add(
            plan([diskOfOthers("a", { tags: { ...tags, "2026-11-26": "x", plain: "a-1.b_c" } })]),
        );
        const text = await readFile(file(), "utf8");
        assert.match(
            text,
            /^ +tag0: "2026-11-26"$[^]*^ +tag1: "1_000"$[^]*^ +"2026-11-26": x$[^]*^ +plain: a-1\.b_c$/m,
        );
        const { config } = parse(text) as { config: { "shop:storages": { manual: Storage } } };
        assert.deepEqual(config["shop:storages"].manual.overrides["0"].tags, {
            ...tags,
            "2026-11-26": "x",
            plain: "a-1.b_c",
        });
    });

    it("doesn't change for no storages", async () => {
        const text = "config: {shop:cluster: {name: c}}";
        const stackFile = await read(text);
        await stackFile?.add([]);
        assert.equal(await readFile(file(), "utf8"), text);
    });

    it("loses names of PersistentVolumes, the overrides that have nothing else, and no other line", async () => {
        const storage = (overrides: string) => `${head("    ")}    shop:storages:
        # Of the web.
        data:
            count: 3 # one for each zone
${overrides}`;
        const before = storage(`            overrides:
                "0": # the first
                    persistentVolumeName: data-0
                "1":
                    persistentVolumeName: data-1
                    sizeGiB: 5 # larger
                "2":
                    persistentVolumeName: pvc-1
`);
        const removed = async (text: string, ...ordinals: string[]) => {
            const stackFile = await read(text);
            await stackFile?.settle(new Map([["data", { ownNames: ordinals, createsClaims: false }]]));
            return readFile(file(), "utf8");
        };
        const after = storage(`            overrides:
                "1":
                    sizeGiB: 5 # larger
                "2":
                    persistentVolumeName: pvc-1
`);
        assert.equal(await removed(before, "0", "1"), after);
        assert.equal(await removed(after, "0", "1"), after);
        const named = `            overrides:
                "0":
                    persistentVolumeName: data-0
                "1":
                    persistentVolumeName: data-1
`;
        assert.equal(await removed(storage(named), "0", "1"), storage(""));
        const braces = `            overrides: { "0": { persistentVolumeName: data-0 }, "1": { sizeGiB: 5 } }\n`;
        assert.deepEqual(
            parse(await removed(storage(braces), "0")),
            parse(storage(`            overrides: { "1": { sizeGiB: 5 } }\n`)),
        );
    });

    it("creates the claims of a storage whose disks are in the state", async () => {
        const storage = (create: string) => `${head("    ")}    shop:storages:
        data:
            claims:
                names: [a] # the only one
${create}            count: 1
`;
        const created = storage("                create: true\n");
        for (const text of [storage(""), created]) {
            const stackFile = await read(text);
            await stackFile?.settle(new Map([["data", { ownNames: [], createsClaims: true }]]));
            assert.equal(await readFile(file(), "utf8"), created);
        }
    });

    it("stays a link to a file elsewhere", async () => {
        await mkdir(join(folder, "real"));
        const target = join(folder, "real", "dev.yaml");
        await writeFile(target, head("  "));
        await symlink(target, file());
        const stackFile = await StackFile.read({ name: "shop", configFolder: folder }, "dev");
        await stackFile?.add(storages);
        assert.match(await readFile(target, "utf8"), /shop:storages:/);
    });

    it("is that of the short name of a stack", async () => {
        assert.ok(await read(head("  "), "organization/shop/dev"));
    });

    it("is in the project's stackConfigDir", async () => {
        await mkdir(join(folder, "stacks", "deep"), { recursive: true });
        await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\nstackConfigDir: stacks\n");
        await writeFile(join(folder, "stacks", "Pulumi.dev.yaml"), head("  "));
        assert.ok(await StackFile.read(await findProject(join(folder, "stacks", "deep")), "dev"));
    });

    const inCode: [string, string][] = [
        ["is empty", ""],
        ["is missing", "# only a comment\n"],
        ["has another project's settings", "config:\n  other:cluster: { name: c }\n"],
        ["has a config of another kind", "config: 3\n"],
    ];
    inCode.forEach(([what, text]) =>
        it(`isn't one when it ${what}: the storages are in code`, async () => {
            assert.equal(await read(text), undefined);
        }),
    );

    const refused: [string, string, RegExp][] = [
        ["isn't YAML", "config:\n  a: [\n", /Pulumi\.dev\.yaml must be YAML: /],
        ["has several documents", "config: {}\n---\nconfig: {}\n", /Pulumi\.dev\.yaml must be YAML: /],
        [
            "has all storages in a secret",
            "config:\n  shop:storages:\n    secure: v1:abc=\n",
            /Pulumi\.dev\.yaml must have shop:storages as a map of storages, of which single settings may be secret/,
        ],
        ["has a list of storages", "config:\n  shop:storages: [a]\n", /must have shop:storages as a map/],
        ["has storages as text", "config:\n  shop:storages: '{}'\n", /must have shop:storages as a map/],
        [
            "has storages by reference",
            "config:\n  shop:cluster: &all { name: c }\n  shop:storages: *all\n",
            /must have shop:storages as a map/,
        ],
    ];
    refused.forEach(([what, text, message]) =>
        it(`is refused when it ${what}`, async () => {
            await assert.rejects(read(text), { message });
            assert.equal(await readFile(file(), "utf8"), text);
        }),
    );

    const texts: [string, string][] = [
        ["the only one", "config:\n    aws:region: eu-west-1 # Ireland\n    shop:cluster: { name: c }\n"],
        [
            "one of several",
            "# ours\nconfig:\n  shop:storages:\n    # first\n    old:\n      count: 2 # two\n  shop:cluster:\n    name: c\n",
        ],
    ];
    texts.forEach(([what, text]) =>
        it(`is what it was when ${what} is removed again`, async () => {
            const stackFile = await read(await added(text));
            assert.ok(stackFile?.storageNames.includes("new"));
            await stackFile!.remove(["new"]);
            assert.equal(await readFile(file(), "utf8"), text);
        }),
    );
});
