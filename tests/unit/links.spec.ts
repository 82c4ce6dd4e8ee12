import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { externalLinks, externalLinksPage, links, pages, withoutBlocks } from "../../scripts/docs/markdown";
import { project } from "../support/cluster/sandbox";

/** Links of a page that lead to another place of the repository. */
function internalLinks(page: string): string[] {
    return links(page).filter((link) => !/^\w+:/.test(link));
}

/** The anchors that GitHub gives a page's headings. */
function anchors(page: string): string[] {
    const seen = new Map<string, number>();
    return [...withoutBlocks(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
        const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
        const slug = shown
            .toLowerCase()
            .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
            .replaceAll(" ", "-");
        const times = seen.get(slug) ?? 0;
        seen.set(slug, times + 1);
        return times === 0 ? slug : `${slug}-${times}`;
    });
}

describe("links", () => {
    pages().forEach((page) =>
        it(`of ${page} lead to files and headings that exist`, () => {
            const broken = internalLinks(page).filter((link) => {
                const [path = "", anchor] = link.split("#");
                const target = path === "" ? page : relative(".", join(dirname(page), decodeURI(path)));
                const file = join(project, target);
                return (
                    !existsSync(file) ||
                    (anchor !== undefined &&
                        (statSync(file).isDirectory() || !anchors(target).includes(anchor)))
                );
            });
            assert.deepEqual(broken, []);
        }),
    );

    it("to anchors follow GitHub's rules", () => {
        assert.ok(anchors("docs/volumes.md").includes("find-retained-volumes-and-use-them-again"));
        assert.ok(!anchors("README.md").includes("readme"));
    });

    it("to other sites use https and public hosts", () => {
        const wrong = externalLinks().filter((link) => {
            const { protocol, hostname, username } = new URL(link);
            return (
                protocol !== "https:" ||
                username !== "" ||
                !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) ||
                /(^|\.)(localhost|local|internal|example\.(com|org|net)|test|invalid)$/.test(hostname) ||
                /^[\d.]+$/.test(hostname) ||
                /[<>{}]|TODO|TBD|\.\.\./.test(link)
            );
        });
        assert.deepEqual(wrong, []);
    });

    // Tests have no internet: whoever has it gets the list to look at.
    it("to other sites are listed", () => {
        assert.equal(
            readFileSync(join(project, "docs", "external-links.txt"), "utf8"),
            externalLinksPage(),
            "npm run docs makes the list",
        );
    });

    it("of the index include every page", () => {
        const linked = internalLinks("docs/README.md").map((link) => join("docs", link.replace(/#.*/, "")));
        const missing = pages()
            .filter((page) => page.startsWith("docs/") && page !== "docs/README.md")
            .filter((page) => !linked.includes(page));
        assert.deepEqual(missing, []);
    });

    it("of the README include the index", () => {
        assert.ok(internalLinks("README.md").includes("docs/README.md"));
    });
});
