import { readPage } from "../../../scripts/docs/markdown";

/** A fenced block of a page. */
export interface Fence {
    /** Empty for the output of a command. */
    readonly language: string;
    readonly text: string;
    /** The second-level heading above it; empty before the first one. */
    readonly section: string;
}

/** A page's fenced blocks, in order, without the indentation of lists. */
export function fences(page: string, text = readPage(page)): Fence[] {
    const found = text.matchAll(/^## (.+)$|^( *)```(\w*)\n([\s\S]*?)^\2```$/gm);
    let section = "";
    return [...found].flatMap(([, heading, indent = "", language = "", block = ""]) => {
        if (heading !== undefined) {
            section = heading;
            return [];
        }
        return [{ language, section, text: block.replace(new RegExp(`^${indent}`, "gm"), "") }];
    });
}
