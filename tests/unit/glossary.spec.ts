import assert from "node:assert/strict";
import { pages, readPage, withoutBlocks } from "../../scripts/docs/markdown";

/** The terms of a glossary, in order: the first cells of its tables. */
function terms(page: string): string[] {
    return readPage(page)
        .split("\n")
        .filter((row) => row.startsWith("| ") && !row.startsWith("| ---"))
        .map((row) => row.split(" | ")[0]!.slice(2))
        .filter((term) => term !== "term" && term !== "término");
}

/** Words that the pages don't use in text, and the glossary's word for each. */
const synonyms: readonly (readonly [RegExp, string])[] = [
    [/\bPVs?\b/, "PersistentVolume"],
    [/\bPVCs?\b/, "claim"],
    [/\bpersistent volumes?( claims?)?\b/i, "PersistentVolume or claim"],
    [/\bstorage class(es)?\b/i, "StorageClass"],
    [/\bstateful sets?\b/i, "StatefulSet"],
    [/\bAZs?\b/, "availability zone"],
    [/\bretention policy\b/i, "deletion policy"],
    [/\bmend(s|ed|ing)?\b/i, "solve"],
    [/\bdatacent(er|re)s?\b/i, "availability zone"],
];

describe("the glossary", () => {
    const english = terms("docs/glossary.md");

    it("has every term once", () => {
        assert.ok(english.length > 30);
        assert.deepEqual(english, [...new Set(english)]);
    });

    it("has the same terms in Spanish, in the same order", () => {
        assert.deepEqual(terms("docs/es/glossary.md"), english);
    });

    it("gives each term one or two plain sentences", () => {
        const long = ["docs/glossary.md", "docs/es/glossary.md"].flatMap((page) =>
            readPage(page)
                .split("\n")
                .filter((row) => row.startsWith("| ") && (row.match(/\. |\.$|: /g) ?? []).length > 5),
        );
        assert.deepEqual(long, []);
    });

    it("has a line for each command that people run", () => {
        ["doctor", "map", "recover", "adopt", "acceptance", "sandbox", "drill"].forEach((command) => {
            assert.ok(english.includes(command), command);
            assert.match(
                readPage("docs/glossary.md"),
                new RegExp(`\`(npm run|npx zonal-persistent-storage) ${command}\``),
            );
        });
    });

    it("has words that the pages use, and no others for the same thing", () => {
        const text = (page: string) => withoutBlocks(page).replace(/`[^`\n]*`|\]\([^)]*\)/g, "");
        const found = pages()
            .filter((page) => !page.startsWith("docs/es/"))
            .flatMap((page) =>
                synonyms.flatMap(([word, better]) => {
                    const [match] = word.exec(text(page)) ?? [];
                    return match === undefined ? [] : [`${page}: "${match}" is "${better}" here`];
                }),
            );
        assert.deepEqual(found, []);
    });
});
