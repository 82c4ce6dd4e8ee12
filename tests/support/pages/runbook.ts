import assert from "node:assert/strict";
import { parse } from "yaml";
import { fences } from "./fences";

/** A fenced block of a runbook: commands, settings to change, or a file to write. */
export interface Block {
    readonly language: "sh" | "yaml" | "json";
    readonly text: string;
}

/** A parsed command of a runbook. */
export interface Command {
    readonly environment: Readonly<Record<string, string>>;
    readonly words: readonly string[];
}

/** The settings of the storages, by name. */
export type Storages = Record<string, object>;

/** The blocks below a heading, in order. */
export function runbook(title: string, page = "docs/runbooks.md"): Block[] {
    const blocks = fences(page).filter(({ section }) => section === title);
    assert.notEqual(blocks.length, 0, `${page} has a section "${title}"`);
    return blocks.map(({ language, text }) => {
        assert.ok(language === "sh" || language === "yaml" || language === "json", `${title}: ${language}`);
        return { language, text };
    });
}

/** The commands of a block, one per line. */
export function commandsOf(text: string): Command[] {
    const lines = text.replace(/\\\n\s*/g, "").split("\n");
    return lines
        .filter((line) => line !== "")
        .map((line) => {
            const words = [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) =>
                word.replaceAll("'", ""),
            );
            const first = words.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/.test(word));
            const variables = words.slice(0, first).map((word) => /^([^=]+)=(.*)$/.exec(word)!.slice(1));
            return {
                environment: Object.fromEntries(variables) as Record<string, string>,
                words: words.slice(first),
            };
        });
}

/** The settings, changed by a block. */
export function withSettings(storages: Storages, text: string): Storages {
    return (merged({ storages }, parse(text), "") as { storages: Storages }).storages;
}

/** Merges settings like an edit of the file: a move is appended, unless the block has the whole list. */
function merged(old: unknown, given: unknown, key: string): unknown {
    if (key === "moves" && Array.isArray(old) && Array.isArray(given)) {
        const bare = (move: unknown) => JSON.stringify({ ...(move as object), previous: undefined });
        const moves = given as unknown[];
        return old.every((move, index) => bare(move) === bare(moves[index]))
            ? moves
            : [...(old as unknown[]), ...moves];
    }
    if (isMap(old) && isMap(given)) {
        const entries = Object.entries(given).map(([name, value]): [string, unknown] => [
            name,
            merged(old[name], value, name),
        ]);
        return { ...old, ...Object.fromEntries(entries) };
    }
    return given;
}

function isMap(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
