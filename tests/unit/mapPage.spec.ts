import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buildMap } from "../../tools/map/build";
import { fitted, layout, size, widthOf } from "../../tools/map/layout";
import type { MapData } from "../../tools/map/mapData";
import { page } from "../../tools/map/page";
import { picture } from "../../tools/map/svg";
import { disk, emptyStack, hostileMapData, manyDisks } from "../support/fixtures/mapData";
import { mapDataOf, statefulSet } from "../../scripts/docs/exampleMaps";
import { fc } from "../support/chance";

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

    it("show the summary before the zones, all zones of a storage on one scale", () => {
        const text = page(buildMap(manyDisks()));
        assert.ok(text.indexOf('id="spread"') < text.indexOf('id="failure"'));
        assert.ok(text.indexOf('id="failure"') < text.indexOf('id="zones"'));
        assert.match(text, /a bar over the whole width is \d+ disks/);
        assert.match(text, /<th scope="col" class="number"><span class="region">us-east-1<\/span>a<\/th>/);
    });

    it("fold storages on a map of many disks only", () => {
        const [few, many] = [statefulSet(), manyDisks()].map((data) => page(buildMap(data)));
        assert.match(few!, /<details class="group" open>/);
        assert.match(many!, /<details class="group">/);
        assert.doesNotMatch(many!, /<details class="group[^>]* open>/);
        const { zones } = layout(buildMap(manyDisks()));
        assert.ok(zones.every(({ rows }) => rows.some((row) => "storage" in row) && rows.length < 12));
    });

    it("have one heading for disks of no storage in a zone", () => {
        const { cluster, ec2, at } = mapDataOf([disk(0, "a"), disk(1, "a", { sizeGiB: 20 })], { a: 1 });
        const text = page(buildMap({ cluster, ec2, clusterNames: [], unseen: [], at }));
        assert.equal(text.match(/<h4>of no storage<\/h4>/g)?.length, 1);
        assert.match(text, /20 GiB/);
    });

    it("don't say that a reserved claim is used", () => {
        const data = mapDataOf([disk(0, "a", { phase: "Available" })], { a: 1 });
        assert.match(page(buildMap(data)), /nobody, reserved for shop\/www-data-0/);
    });

    it("keep names and figures of a row apart, whatever their letters", () => {
        const { column, pad } = size;
        const name = `${"WM@".repeat(30)}-17`;
        const figure = "16,384,000 GiB";
        const room = column - 2 * pad - 26 - widthOf(figure, 12);
        assert.ok(widthOf(fitted(name, room, 12), 12) <= room);
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
