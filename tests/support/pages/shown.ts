import assert from "node:assert/strict";

/**
 * Fails if a page shows a line that a command has not printed. Ids, times, ages, names of nodes and the order may
 * differ; `...` stands for omitted lines.
 */
export function assertPrinted(shown: string, printed: string): void {
    const left = printed.split("\n").map(normalized);
    shown
        .split("\n")
        .filter((line) => !["", "..."].includes(line.trim()))
        .forEach((line) => {
            const at = left.indexOf(normalized(line));
            assert.notEqual(at, -1, `the page shows, and nothing printed: ${line}\n${printed}`);
            left.splice(at, 1);
        });
}

function normalized(line: string): string {
    return (
        line
            .replace(/\b(vol|snap|i)-[0-9a-f]{17}\b/g, "$1")
            .replace(/\bip(-\d+){4}\b/g, "ip")
            .replace(/\b\d+(\.\d+)? ?(s|m|ms)\b/g, "N s")
            // kubectl since 1.34 adds the namespace.
            .replace(/ deleted from \S+ namespace$/, " deleted")
            .replace(/\s+/g, " ")
            .trim()
    );
}
