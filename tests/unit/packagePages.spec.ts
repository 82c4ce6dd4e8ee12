import assert from "node:assert/strict";
import { posix } from "node:path";
import { readPage } from "../../scripts/docs/markdown";
import { packedFiles, publishedPage } from "../../scripts/packaging/pages";

/** A page's text without blocks and text in backticks, which have no links. */
const withoutCode = (text: string) => text.replace(/^( *)```[\s\S]*?^\1```$|`[^`\n]*`/gm, "");

describe("pages of the npm package", () => {
    const pages = packedFiles().filter((file) => file.endsWith(".md"));
    const repository = "https://github.com/acme/storage/blob/main";

    [undefined, repository].forEach((homepage) =>
        it(`link to files of the package or to addresses, ${homepage ? "with" : "without"} the repository's`, () => {
            const wrong = pages.flatMap((page) => {
                const text = withoutCode(publishedPage(readPage(page), page, homepage));
                const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
                return links
                    .filter((link) => !/^(https:|#)/.test(link))
                    .filter((link) => {
                        const [path = "", anchor] = link.split("#");
                        const file = posix.join(posix.dirname(page), path);
                        // Links within the repository are checked in links.spec.ts; the package has its own README.
                        return file === "README.md" ? anchor !== undefined : !packedFiles().includes(file);
                    })
                    .map((link) => `${page}: ${link}`);
            });
            assert.deepEqual(wrong, []);
        }),
    );

    it("say that a file is in the repository, or link to it there", () => {
        const text = "See [a policy](../policy), [two](../README.md#two-commands), [tags](data.md#tags).\n";
        assert.equal(
            publishedPage(text, "docs/doctor.md", undefined),
            "See a policy (in the repository), two (in the repository), [tags](data.md#tags).\n",
        );
        assert.equal(
            publishedPage(text, "docs/doctor.md", `${repository}/`),
            `See [a policy](${repository}/policy), [two](${repository}/README.md#two-commands), [tags](data.md#tags).\n`,
        );
    });

    it("keep addresses, pictures, anchors and code as they are", () => {
        const text =
            "[site](https://www.pulumi.com) ![map](zone-map.svg) [below](#tags) `[a](../b)`\n\n```sh\n[a](../b)\n```\n";
        assert.equal(publishedPage(text, "docs/map.md", undefined), text);
    });
});
