import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** A place that says when its source was read. */
interface Source {
    readonly line: number;
    readonly date: string;
}

/** Dates of sources in a text. In a comment, the date may be on the next line. */
function sourcesIn(text: string): Source[] {
    return [...text.matchAll(/(?:read|as it was)(?:\s|[*#/]|on\b)+(\d{4}-\d\d-\d\d)/gi)].map((match) => ({
        line: text.slice(0, match.index).split("\n").length,
        date: match[1]!,
    }));
}

/** Sources that were read more than a year before a day, with their files. */
function olderThanYear(files: Readonly<Record<string, string>>, today: Date): string[] {
    const limit = new Date(today);
    limit.setUTCFullYear(limit.getUTCFullYear() - 1);
    return Object.entries(files).flatMap(([file, text]) =>
        sourcesIn(text)
            .filter(({ date }) => new Date(date) < limit)
            .map(({ line, date }) => `${file}:${line} ${date}`),
    );
}

describe("sources with the date they were read on", () => {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });
    const names = git("ls-files", "*.md", "*.ts", "*.py")
        .split("\n")
        .filter((name) => name !== "" && name !== "CHANGELOG.md" && !name.startsWith("tests/unit/sources"));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));

    it("are found in pages and comments, also with the date on the next line", () => {
        const text =
            "a\n/** X, read on 2026-11-21. */\n * Y, read on\n * 2026-11-24).\nas it was on 2026-09-20, or read on\n" +
            "Read 2026-11-22:\n Z, read\n * on 2026-11-23\n";
        assert.deepEqual(sourcesIn(text), [
            { line: 2, date: "2026-11-21" },
            { line: 3, date: "2026-11-24" },
            { line: 5, date: "2026-09-20" },
            { line: 6, date: "2026-11-22" },
            { line: 7, date: "2026-11-23" },
        ]);
        assert.ok(Object.values(files).flatMap(sourcesIn).length > 50);
    });

    it("are listed after a year", () => {
        const two = { "a.md": "read on 2025-11-26", "b.ts": "\n// read on 2025-11-27" };
        assert.deepEqual(olderThanYear(two, new Date("2026-11-27")), ["a.md:1 2025-11-26"]);
    });

    it("were all read within the year before the last commit: read those that are listed again", () => {
        // Not before today: an old clone has to pass, too.
        assert.deepEqual(olderThanYear(files, new Date(git("log", "-1", "--format=%cI").trim())), []);
    });
});
