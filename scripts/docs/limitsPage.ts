import { markdownTable } from "../../program/markdownTable";
import { volumeLimits } from "../../components/validation/volumeLimits";
import type { Range } from "../../components/validation/volumeLimits";

/** The text of docs/volume-limits.md, from the data that the settings are checked against. */
export function limitsPage(): string {
    const rows = Object.entries(volumeLimits).map(
        ([type, { sizeGiB, iops, throughputMiBps, multiAttach }]) => [
            type,
            text(sizeGiB),
            iops ? `${text(iops)}${iops.required ? ", required" : ""}` : "-",
            iops ? String(iops.perGiB) : "-",
            throughputMiBps ? text(throughputMiBps) : "-",
            throughputMiBps ? String(throughputMiBps.perIops) : "-",
            multiAttach ? "yes" : "-",
        ],
    );
    const heading = [
        ...["type", "size, GiB", "IOPS", "IOPS per GiB", "throughput, MiB/s", "MiB/s per IOPS"],
        "several instances",
    ];
    return `# Limits of volume types

These are EC2's limits. Settings are checked against them before anything is created. \`npm run docs\` makes this page from
\`components/validation/volumeLimits.ts\`, which names the sources; they were read on 2026-11-27.

${markdownTable(heading, rows)}

Every gp3 volume has the lowest IOPS and throughput of the table, also a small one. The limits per GiB and per IOPS apply to higher values.
`;
}

function text({ min, max }: Range): string {
    return `${min.toLocaleString("en")} to ${max.toLocaleString("en")}`;
}
