import assert from "node:assert/strict";
import { parse } from "yaml";
import { fences } from "./fences";

/** A fenced block of a runbook: commands, settings to change, or a file to write. */
export interface Block {
    readonly language: "sh" | "yaml" | "json";
    readonly text: string;
}

/** A command of a runbook, taken apart as a shell would. */
export interface Command {
    readonly environment: Readonly<Record<string, string>>;
    readonly words: readonly string[];
}

/** The settings of the storages, by name. */
export type Storages = Record<string, object>;

/** The blocks below a heading, in order; what comes before the first heading has no title. */
export function runbook(title: string, page = "docs/runbooks.md"): Block[] {
    const blocks = fences(page).filter(({ section }) => section === title);
    assert.notEqual(blocks.length, 0, `${page} has a section "${title}"`);
    return blocks.map(({ language, text }) => {
        assert.ok(language === "sh" || language === "yaml" || language === "json", `${title}: ${language}`);
        return { language, text };
    });
}

/** The commands of a block, one a line. */
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

/** The settings with those of a block on top. */
export function changed(storages: Storages, text: string): Storages {
    return (merged({ storages }, parse(text), "") as { storages: Storages }).storages;
}

/** As one would edit the file: a move goes to the end of the list, unless the list is there as a whole. */
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
