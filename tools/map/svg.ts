import { counted } from "../terminal/counted";
import { fitted, layout, size, widthOf } from "./layout";
import type { PlacedZone } from "./layout";
import { markup, Markup } from "./markup";
import type { MapDisk, Zone, ZoneMap } from "./model";
import { amountOf, capacity, current, moment, shapeOf, statusOf, usableNodes, zoneName } from "./format";

const styles = `
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; fill: #17202b; }
.ground { fill: #f5f6f8; } .zone { fill: #fff; stroke: #dde1e7; } .rule { stroke: #dde1e7; }
.title { font-size: 20px; font-weight: 650; } .name { font-size: 14px; font-weight: 600; } .disk { font-weight: 550; }
.quiet { fill: #566170; } .bad { fill: #fcebe9; } .edge { fill: #a3231a; }
.green { fill: #17653d; } .blue { fill: #1d5a9e; } .red { fill: #a3231a; } .amber { fill: #7a4b00; } .grey { fill: #566170; }
@media (prefers-color-scheme: dark) {
text { fill: #e7ecf2; } .ground { fill: #0e1319; } .zone { fill: #161d26; stroke: #2a3542; } .rule { stroke: #2a3542; }
.quiet, .grey { fill: #9fabb9; } .bad { fill: #3d1a18; } .edge, .red { fill: #ff9d92; }
.green { fill: #7fd6a4; } .blue { fill: #8fc2f5; } .amber { fill: #f0c274; }
}
`;

/** The map as one SVG picture without scripts or external parts, for a wiki or a README. */
export function picture(map: ZoneMap): string {
    const { width, height, zones } = layout(map);
    const disks = current(map.zones.flatMap((zone) => zone.disks));
    const title = map.stack ?? map.clusters[0] ?? "this cluster";
    const facts = [...map.clusters.filter((name) => name !== title), moment(map.lookedAt)].join(" · ");
    const sum = `${counted(disks.length, "disk")}, ${capacity(disks)}`;
    const inWords = map.zones.map(
        (zone) => `${zoneName(zone.name)}: ${amountOf(zone.disks)}, ${nodesOf(zone)}`,
    );
    const { margin } = size;
    return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">Zone map of ${title}: ${sum}</title>
<desc id="desc">${[...inWords, ...map.notices.map(({ what }) => what)].join(". ")}</desc>
<style>${new Markup(styles)}</style>
<rect class="ground" width="${width}" height="${height}"/>
<text class="title" x="${margin}" y="${margin + 18}">${fitted(title, width - 3 * margin - widthOf(sum, 12), 20)}</text>
<text class="quiet" x="${margin}" y="${margin + 40}">${fitted(facts, width - 2 * margin, 12)}</text>
<text class="quiet" x="${width - margin}" y="${margin + 18}" text-anchor="end">${sum}</text>
${zones.length === 0 ? markup`<text class="quiet" x="${margin}" y="${margin + size.title + 24}">No disks yet</text>` : zones.map(zonePart)}
</svg>
`.text;
}

function zonePart({ zone, x, y, height, rows }: PlacedZone): Markup {
    const { column, pad, head } = size;
    const isStranded = zone.disks.some(({ concerns }) => concerns.includes("noNode"));
    return markup`<g>
<rect class="zone" x="${x}" y="${y}" width="${column}" height="${height}" rx="10"/>
<text class="name" x="${x + pad}" y="${y + 26}">${fitted(zoneName(zone.name), column - 2 * pad, 14)}</text>
<text class="quiet" x="${x + pad}" y="${y + 45}">${fitted(amountOf(zone.disks), column - 2 * pad, 12)}</text>
<text class="${isStranded ? "red" : "quiet"}" x="${x + pad}" y="${y + 63}">${isStranded ? "▲ " : ""}${nodesOf(zone)}</text>
<line class="rule" x1="${x}" x2="${x + column}" y1="${y + head - 6.5}" y2="${y + head - 6.5}"/>
${rows.length === 0 ? markup`<text class="quiet" x="${x + pad}" y="${y + head + 19}">no disks</text>` : rows.map((row) => ("disk" in row ? diskPart(row.disk, x, row.y) : storagePart(row, x, row.y)))}
</g>
`;
}

function diskPart(disk: MapDisk, x: number, y: number): Markup {
    const { column, pad, row } = size;
    const isBad = disk.concerns.length > 0;
    const { kind, shape } = isBad ? { kind: "red", shape: "▲" } : shapeOf(disk);
    const amount = disk.sizeGiB === undefined ? "" : `${disk.sizeGiB.toLocaleString("en")} GiB`;
    const right = isBad && disk.status === "Released" ? "Released" : amount;
    const back = isBad
        ? markup`<rect class="bad" x="${x + 1}" y="${y}" width="${column - 2}" height="${row - 2}"/><rect class="edge" x="${x + 1}" y="${y}" width="4" height="${row - 2}"/>`
        : "";
    const room = column - 2 * pad - 26 - widthOf(right, 12);
    return markup`<g><title>${disk.name}: ${statusOf(disk)}${amount === "" ? "" : `, ${amount}`}</title>${back}<text class="${kind}" x="${x + pad}" y="${y + 18}">${shape}</text><text class="disk" x="${x + pad + 17}" y="${y + 18}">${fitted(disk.name, room, 12)}</text><text class="${isBad ? "red" : "quiet"}" x="${x + column - pad}" y="${y + 18}" text-anchor="end">${right}</text></g>
`;
}

function storagePart(
    { storage, disks }: { readonly storage: string; readonly disks: readonly MapDisk[] },
    x: number,
    y: number,
): Markup {
    const { column, pad } = size;
    const amount = counted(disks.length, "disk");
    const room = column - 2 * pad - 9 - widthOf(amount, 12);
    return markup`<g><title>${storage}: ${amountOf(disks)}</title><text class="disk" x="${x + pad}" y="${y + 18}">${fitted(storage, room, 12)}</text><text class="quiet" x="${x + column - pad}" y="${y + 18}" text-anchor="end">${amount}</text></g>
`;
}

function nodesOf(zone: Zone): string {
    const usable = usableNodes(zone)?.length;
    if (usable === undefined) {
        return "nodes not known";
    }
    return usable === 0 ? "no node takes pods" : counted(usable, "node");
}
