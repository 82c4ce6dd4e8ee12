import assert from "node:assert/strict";

/**
 * Fails if a page shows a line that a command hasn't printed. Ids, times, ages and names of nodes may differ, and so
 * may the order, which is the engine's own; `...` is for lines that are left out.
 */
export function assertPrinted(shown: string, printed: string): void {
    const left = printed.split("\n").map(alike);
    shown
        .split("\n")
        .filter((line) => !["", "..."].includes(line.trim()))
        .forEach((line) => {
            const at = left.indexOf(alike(line));
            assert.notEqual(at, -1, `the page shows, and nothing printed: ${line}\n${printed}`);
            left.splice(at, 1);
        });
}

function alike(line: string): string {
    return (
        line
            .replace(/\b(vol|snap|i)-[0-9a-f]{17}\b/g, "$1")
            .replace(/\bip(-\d+){4}\b/g, "ip")
            .replace(/\b\d+(\.\d+)? ?(s|m|ms)\b/g, "N s")
            // kubectl says since 1.34 from where.
            .replace(/ deleted from \S+ namespace$/, " deleted")
            .replace(/\s+/g, " ")
            .trim()
    );
}
