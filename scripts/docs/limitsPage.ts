import { markdownTable } from "../../program/markdownTable";
import { volumeLimits } from "../../components/validation/volumeLimits";
import type { Range } from "../../components/validation/volumeLimits";

/** The text of docs/volume-limits.md, from the data that the settings are checked against. */
export function limitsPage(): string {
    const rows = Object.entries(volumeLimits).map(([type, { sizeGiB, iops, throughputMiBps }]) => [
        type,
        text(sizeGiB),
        iops ? `${text(iops)}${iops.required ? ", required" : ""}` : "-",
        iops ? String(iops.perGiB) : "-",
        throughputMiBps ? text(throughputMiBps) : "-",
        throughputMiBps ? String(throughputMiBps.perIops) : "-",
    ]);
    const heading = ["type", "size, GiB", "IOPS", "IOPS per GiB", "throughput, MiB/s", "MiB/s per IOPS"];
    return `# Limits of volume types

What EC2 accepts, and what settings are checked against before anything is created. Made by \`npm run docs\` from
\`components/validation/volumeLimits.ts\`, which names the sources; read on 2026-11-21.

${markdownTable(heading, rows)}

A volume has gp3's lowest IOPS and throughput whatever its size. The limits per GiB and per IOPS count above that.
`;
}

function text({ min, max }: Range): string {
    return `${min.toLocaleString("en")} to ${max.toLocaleString("en")}`;
}
