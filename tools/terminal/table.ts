/** Rows as aligned columns under their headings, like kubectl's output. */
export function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
    const headings = Object.keys(rows[0] ?? {});
    const cells = [
        headings.map((one) => one.toUpperCase()),
        ...rows.map((row) => headings.map((one) => String(row[one]))),
    ];
    const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
    return cells
        .map((row) =>
            row
                .map((cell, column) => cell.padEnd(widths[column] ?? 0))
                .join("   ")
                .trimEnd(),
        )
        .join("\n");
}
