import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const skipped = ["node_modules", "dist", "sdks", "venv"];

/** Every page of Markdown in the repository, sorted, as paths from its root. */
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

/** Where a page's links lead, in order. What is in backticks is no link. */
export function links(page: string): string[] {
    const text = withoutBlocks(page).replace(/`[^`\n]*`/g, "");
    return [...text.matchAll(/\]\(([^)\s]+)\)|<(https?:[^>\s]+)>/g)].map(
        ([, link, bare]) => link ?? bare ?? "",
    );
}

/** Every address of another site that a page links to, sorted, without what comes after `#`. */
export function externalLinks(): string[] {
    const all = pages().flatMap(links);
    const external = all.filter((link) => /^\w+:/.test(link) && !link.startsWith("mailto:"));
    return [...new Set(external.map((link) => link.replace(/#.*/, "")))].sort();
}

/** They as a file, for whoever can look: `xargs -n 1 curl -sfLo /dev/null < docs/external-links.txt`. */
export function externalLinksPage(): string {
    return externalLinks()
        .map((link) => `${link}\n`)
        .join("");
}

/** A table. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
    return [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
