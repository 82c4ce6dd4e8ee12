import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { buildMap } from "../../tools/map/build";
import type { MapData } from "../../tools/map/mapData";
import { page as render } from "../../tools/map/page";
import { picture } from "../../tools/map/svg";
import { show, startBrowser, violations } from "../support/pages/browser";
import { emptyStack, hostileMapData, manyDisks } from "../support/fixtures/mapData";
import { statefulSet } from "../../scripts/docs/exampleMaps";

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const views = [
    ["light", desktop],
    ["dark", phone],
    ["dark", desktop],
    ["light", phone],
] as const;

describe("map in a browser", function () {
    this.timeout(60_000);

    let browser: Browser | undefined;
    let directory: string;

    before(async function () {
        directory = mkdtempSync(join(tmpdir(), "map-"));
        browser = await startBrowser(this);
    });
    after(async () => {
        await browser?.close();
        rmSync(directory, { recursive: true, force: true });
    });

    const file = (name: string, text: string) => {
        const path = join(directory, name);
        writeFileSync(path, text);
        return path;
    };
    const maps: [string, MapData][] = [
        ["5 disks in 2 zones", statefulSet()],
        ["100 disks in 6 zones", manyDisks()],
        ["an empty stack", emptyStack()],
        ["hostile names", hostileMapData()],
    ];

    maps.forEach(([what, data]) =>
        it(`has no errors, no accessibility violations and no scrolling sideways: ${what}`, async () => {
            const path = file("map.html", render(buildMap(data)));
            const { page, complaints } = await show(browser!, path, {});
            for (const [colorScheme, viewport] of views) {
                await page.emulateMedia({ colorScheme });
                await page.setViewportSize(viewport);
                assert.deepEqual(await violations(page), []);
                const width = await page.evaluate<number>("document.documentElement.scrollWidth");
                assert.equal(width, viewport.width);
                // The second check includes collapsed parts.
                const zone = page.getByRole("radio").nth(1);
                if ((await zone.count()) > 0) {
                    await zone.check();
                }
            }
            assert.deepEqual(complaints, []);
            await page.context().close();
        }),
    );

    it("shows the effect of a zone's failure by keyboard", async () => {
        const path = file("map.html", render(buildMap(statefulSet())));
        const { page } = await show(browser!, path, { viewport: desktop });
        const status = page.getByRole("status");
        assert.equal((await status.innerText()).trim(), "");
        // The table comes first: it scrolls if there are many zones.
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.keyboard.press("ArrowRight");
        assert.match(
            await status.innerText(),
            /^3 disks \(3 GiB\), with 3 claims and 3 pods, would be out of reach/,
        );
        await page.keyboard.press("ArrowRight");
        assert.match(await status.innerText(), /^2 disks .* 1 disk has no snapshot\.$/);
        const rows = page.getByRole("region", { name: "Disks in eu-west-1c" }).getByRole("row");
        assert.deepEqual(
            (await rows.allInnerTexts()).slice(1).map((row) => row.replace(/\s+/g, " ")),
            [
                "web-3 shop/web-3 ▲ none",
                "web-1 shop/web-1 7 h 40 min old 2026-11-21 03:08 UTC snap-00000007765622d31",
            ],
        );
        const content = "getComputedStyle(document.querySelector('.zone-1 h3'), '::after').content";
        assert.match(await page.evaluate<string>(content), /failed/);
        await page.context().close();
    });

    it("shows hostile names as text", async () => {
        const { page } = await show(browser!, file("map.html", render(buildMap(hostileMapData()))), {
            viewport: desktop,
        });
        assert.match(await page.locator("h1").innerText(), /^dev-"'><img src=x onerror=alert\(1\)><\/style>/);
        assert.equal(await page.locator("script, img, iframe, object").count(), 0);
        await page.context().close();
    });

    it("is well-formed SVG", async () => {
        for (const [, data] of maps) {
            const name = "map.svg";
            const path = file(name, picture(buildMap(data)));
            const { page, complaints } = await show(browser!, path, {});
            const root = await page.evaluate<string[]>(
                "[document.documentElement.localName, ...document.querySelectorAll('parsererror')].map(String)",
            );
            assert.deepEqual(root, ["svg"]);
            assert.deepEqual(complaints, []);
            await page.context().close();
        }
    });
});
