import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { StackFile } from "../../tools/adopt/stackFile";

type Storages = Record<string, { overrides?: Record<string, { moves: object[]; lostVolumeId?: string }> }>;

describe("moves in a stack's file", () => {
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "moves-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const file = () => join(folder, "Pulumi.dev.yaml");
    const stackFile = async () => (await StackFile.read({ name: "shop", configFolder: folder }, "dev"))!;
    const storages = async () =>
        (parse(await readFile(file(), "utf8")) as { config: Record<string, Storages> }).config[
            "shop:storages"
        ]!;
    const settings = { zone: "eu-west-1c", from: "NewSnapshot" };
    const disk = { storage: "web", ordinal: 1 };
    const added = async (text: string) => {
        await writeFile(file(), text);
        await (await stackFile()).addMoves([{ ...disk, settings }]);
        return readFile(file(), "utf8");
    };
    const withOverrides = (overrides: string) =>
        `# top\nconfig:\n    shop:storages:\n        # web\n        web:\n            count: 5 # five\n${overrides}        data: { count: 1 }\n    other: 012\n`;
    const move = (column: number) => {
        const spaces = " ".repeat(column);
        return `${spaces}- zone: eu-west-1c\n${spaces}  from: NewSnapshot\n`;
    };

    const overrides = `            overrides:\n                "1":\n                    moves:\n`;
    const places: Record<string, [string, string]> = {
        "there are no overrides": ["", `${overrides}${move(24)}`],
        "the disk has none": [
            `            overrides:\n                "0": { sizeGiB: 3 }\n`,
            `            overrides:\n                "0": { sizeGiB: 3 }\n                "1":\n                    moves:\n${move(24)}`,
        ],
        "the disk has others": [
            `${overrides}                        - { zone: a } # why\n                        # last\n                        - zone: b\n`,
            `${overrides}                        - { zone: a } # why\n                        # last\n                        - zone: b\n${move(24)}`,
        ],
    };
    Object.entries(places).forEach(([where, [before, after]]) =>
        it(`are lines of their own where ${where}, and go again`, async () => {
            assert.equal(await added(withOverrides(before)), withOverrides(after));
            await (await stackFile()).removeMoves([disk]);
            assert.equal(await readFile(file(), "utf8"), withOverrides(before));
        }),
    );

    const flows = [
        `            overrides: { "1": { moves: [{ zone: a }] } } # why\n`,
        `            overrides: { 1: { moves: [{ zone: a }] } }\n`,
        `            overrides:\n                "1": { moves: [{ zone: a }] } # why\n`,
        `            overrides:\n                "1": { moves: [] }\n`,
        `            overrides: {}\n`,
        `            overrides:\n                "1":\n`,
        `            overrides:\n`,
    ];
    flows.forEach((text) =>
        it(`are added to ${JSON.stringify(text.trim())}`, async () => {
            const after = await added(withOverrides(text));
            const { web, data } = await storages();
            assert.deepEqual(web?.overrides?.["1"]?.moves.at(-1), settings);
            assert.equal(web.overrides["1"].moves.length, text.includes("zone") ? 2 : 1);
            assert.deepEqual(data, { count: 1 });
            assert.match(after, /^# top\n/);
            assert.match(after, /count: 5 # five\n/);
            assert.match(after, /other: 012\n/);
            assert.equal(after.includes("# why"), text.includes("# why"));
            assert.equal((await stackFile()).movesOf("web", 1).length, web.overrides["1"].moves.length);
        }),
    );

    it("are none where nothing is written", async () => {
        await writeFile(file(), withOverrides(""));
        const own = await stackFile();
        assert.deepEqual([own.movesOf("web", 1), own.movesOf("x", 0)], [[], []]);
    });

    it("give a volume up, and forget it", async () => {
        await added(withOverrides(""));
        await (await stackFile()).removeMoves([disk]);
        await (await stackFile()).giveUp([{ ...disk, volumeId: "vol-1" }]);
        assert.deepEqual((await storages())["web"]?.overrides, { "1": { lostVolumeId: "vol-1" } });
        await (await stackFile()).forgetGivenUp([disk]);
        assert.equal(await readFile(file(), "utf8"), withOverrides(""));
    });

    it("stay as they are where no volume was given up", async () => {
        for (const text of [
            "",
            "            overrides: {}\n",
            `            overrides:\n                "1": {}\n`,
        ]) {
            await writeFile(file(), withOverrides(text));
            await (await stackFile()).forgetGivenUp([disk]);
            assert.equal(await readFile(file(), "utf8"), withOverrides(text));
        }
    });

    it("give up the volume of a disk with moves", async () => {
        await added(withOverrides(`${overrides}                        - zone: b\n`));
        await (await stackFile()).removeMoves([disk]);
        await (await stackFile()).giveUp([{ ...disk, volumeId: "vol-1" }]);
        await (await stackFile()).forgetGivenUp([disk]);
        assert.equal(
            await readFile(file(), "utf8"),
            withOverrides(`${overrides}                        - zone: b\n`),
        );
    });
});
