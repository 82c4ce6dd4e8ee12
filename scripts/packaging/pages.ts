import { readdirSync } from "node:fs";
import { join, posix } from "node:path";

const root = join(__dirname, "..", "..");

/** Files of the repository that the npm package has as well, beside code. Its README is another one. */
export function packedFiles(): string[] {
    const pages = readdirSync(join(root, "docs")).filter((file) => /\.(md|json|yaml|svg)$/.test(file));
    return ["CHANGELOG.md", "LICENSE", ...pages.map((page) => `docs/${page}`)];
}

/**
 * A page as the npm package has it. Links to files that the package doesn't have lead to the repository; where its
 * address isn't known, the text says that they are there.
 *
 * @param page - Path of the page in the repository and in the package.
 * @param homepage - Address of the repository's files.
 */
export function publishedPage(text: string, page: string, homepage: string | undefined): string {
    const packed = packedFiles();
    const publish = (whole: string, shown: string, link: string): string => {
        const [path = "", anchor] = link.split("#");
        const file = posix.join(posix.dirname(page), path);
        const isReadme = file === "README.md" && anchor === undefined;
        if (path === "" || /^\w+:/.test(path) || packed.includes(file) || isReadme) {
            return whole;
        }
        return homepage === undefined
            ? `${shown} (in the repository)`
            : `[${shown}](${homepage.replace(/\/$/, "")}/${file}${anchor === undefined ? "" : `#${anchor}`})`;
    };
    // Blocks and text in backticks have no links.
    return text.replace(
        /^( *)```[\s\S]*?^\1```$|`[^`\n]*`|(?<!!)\[([^\]\n]*)\]\(([^)\s]+)\)/gm,
        (whole, _indent: string, shown?: string, link?: string) =>
            shown === undefined || link === undefined ? whole : publish(whole, shown, link),
    );
}
