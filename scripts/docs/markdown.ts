import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const skipped = ["node_modules", "dist", "sdks", "venv"];

/** All Markdown pages of the repository, sorted, as paths from its root. */
export function pages(folder = ""): string[] {
    return readdirSync(join(root, folder), { withFileTypes: true })
        .flatMap((entry) => {
            const path = join(folder, entry.name);
            if (entry.isDirectory()) {
                return entry.name.startsWith(".") || skipped.includes(entry.name) ? [] : pages(path);
            }
            return entry.name.endsWith(".md") ? [path] : [];
        })
        .sort();
}

export function readPage(page: string): string {
    return readFileSync(join(root, page), "utf8");
}

/** A page's text without its fenced blocks. */
export function withoutBlocks(page: string): string {
    return readPage(page).replace(/^( *)```[\s\S]*?^\1```$/gm, "");
}

/** Targets of a page's links, in order. Text in backticks is no link. */
export function links(page: string): string[] {
    const text = withoutBlocks(page).replace(/`[^`\n]*`/g, "");
    return [...text.matchAll(/\]\(([^)\s]+)\)|<(https?:[^>\s]+)>/g)].map(
        ([, link, bare]) => link ?? bare ?? "",
    );
}

/** All external links of the pages, sorted, without fragments. */
export function externalLinks(): string[] {
    const all = pages().flatMap(links);
    const external = all.filter((link) => /^\w+:/.test(link) && !link.startsWith("mailto:"));
    return [...new Set(external.map((link) => link.replace(/#.*/, "")))].sort();
}

/** The external links as a file, to be checked with internet access: `xargs -n 1 curl -sfLo /dev/null < docs/external-links.txt`. */
export function externalLinksPage(): string {
    return externalLinks()
        .map((link) => `${link}\n`)
        .join("");
}
