import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { buildMap } from "../../tools/map/build";
import { fitted, layout } from "../../tools/map/layout";
import type { MapData } from "../../tools/map/mapData";
import { page } from "../../tools/map/page";
import { picture } from "../../tools/map/svg";
import { emptyStack, hostileMapData, manyDisks } from "../support/fixtures/mapData";
import { statefulSet } from "../../scripts/docs/exampleMaps";

/** Tags with the names of their attributes, and whatever is between a `<` and a `>` that isn't one. */
const structure = (text: string) =>
    (text.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"<>]*"/g, "=").replace(/\s+/g, " "));

describe("page and picture of the map", () => {
    const drawings: [string, (data: MapData) => string][] = [
        ["page", (data) => page(buildMap(data))],
        ["picture", (data) => picture(buildMap(data))],
    ];

    drawings.forEach(([what, draw]) => {
        it(`escape hostile names: ${what}`, () => {
            const harmless = structure(draw(hostileMapData("-x")));
            assert.ok(harmless.length > 30);
            assert.deepEqual(structure(draw(hostileMapData())), harmless);
            const text = fc.oneof(
                fc.string({ unit: "binary" }),
                fc
                    .array(fc.constantFrom("<", ">", '"', "'", "&", "/", "`", "\n", "\ud800", "]]>", "--"))
                    .map((all) => all.join("")),
            );
            fc.assert(
                fc.property(text, (name) =>
                    assert.deepEqual(structure(draw(hostileMapData(`-${name}`))), harmless),
                ),
                { numRuns: 50 },
            );
        });

        it(`have no control characters, marks of direction or halves of characters: ${what}`, () => {
            const text = draw(hostileMapData("-\u202e\u2066\u0000\u001b[31m\u0085\ufffe\ud800"));
            assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Bidi_Control}|\p{Cs}|\ufffe/u);
        });

        it(`have no scripts or external addresses: ${what}`, () => {
            [statefulSet(), manyDisks(), emptyStack()].forEach((data) => {
                const text = draw(data).replace('xmlns="http://www.w3.org/2000/svg"', "");
                assert.doesNotMatch(
                    text,
                    /<script|\son\w+=|https?:|url\(|@import|<link|<img|<iframe| src=| href=/i,
                );
            });
        });
    });

    it("forbid scripts and network access by policy", () => {
        const text = page(buildMap(statefulSet()));
        const [, css = ""] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
        const hash = createHash("sha256").update(css).digest("base64");
        assert.ok(
            text.includes(
                `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
            ),
        );
    });

    it("need about 1 KB for a disk", () => {
        const sizes = [emptyStack(), manyDisks()].map((data) => page(buildMap(data)).length);
        assert.ok(sizes[0]! < 16_000 && sizes[1]! < 120_000, String(sizes));
        assert.ok(picture(buildMap(manyDisks())).length < 40_000);
    });

    it("are equal for equal data", () => {
        drawings.forEach(([, draw]) => assert.equal(draw(manyDisks()), draw(manyDisks())));
    });

    it("tell that a stack is empty", () => {
        drawings.forEach(([, draw]) => assert.match(draw(emptyStack()), /No disks yet|no disks/));
        const nothing = { ...emptyStack(), cluster: undefined };
        drawings.forEach(([, draw]) => assert.match(draw(nothing), /No disks yet/));
    });

    it("place disks without overlap, six zones side by side", () => {
        const { zones } = buildMap(manyDisks());
        const { width, height, zones: placed } = layout({ zones: [...zones, ...zones] });
        assert.equal(new Set(placed.map(({ x }) => x)).size, 6);
        assert.equal(new Set(placed.map(({ y }) => y)).size, 2);
        placed.forEach(({ x, y, height: own, rows }) => {
            assert.ok(x + 216 <= width && y + own <= height);
            rows.forEach((row, index) => assert.ok(index === 0 || row.y >= rows[index - 1]!.y + 30));
            assert.ok(rows.every((row) => row.y + 30 <= y + own));
        });
    });

    it("shorten long names but keep their ends", () => {
        assert.equal(fitted("web-0", 100, 12), "web-0");
        assert.match(fitted("postgres-production-replica-17", 120, 12), /^postgr.*….*-17$/);
        assert.match(fitted("x".repeat(300), 1, 12), /^x…x$/);
    });
});
