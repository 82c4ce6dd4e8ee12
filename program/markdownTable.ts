/** A table in Markdown. Cells are Markdown already. */
export function markdownTable(
    heading: readonly string[],
    rows: readonly (readonly string[])[],
    alignment: readonly string[] = heading.map(() => "---"),
): string {
    return [heading, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
