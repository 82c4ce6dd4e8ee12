import type { MapDisk, Zone, ZoneMap } from "./model";

/** Sizes of the picture, in its own units. */
export const size = {
    margin: 24,
    title: 60,
    column: 216,
    gap: 14,
    head: 82,
    row: 30,
    pad: 14,
    foot: 12,
} as const;

/** Zones in a row. */
const columnsPerBand = 6;

/** A zone's place in the picture. */
export interface PlacedZone {
    readonly zone: Zone;
    readonly x: number;
    readonly y: number;
    readonly height: number;
    readonly rows: readonly { readonly disk: MapDisk; readonly y: number }[];
}

/** The picture's size, and the places of zones and disks. */
export interface Layout {
    readonly width: number;
    readonly height: number;
    readonly zones: readonly PlacedZone[];
}

/** Puts the zones side by side, each as high as the highest beside it. */
export function layout({ zones }: Pick<ZoneMap, "zones">): Layout {
    const placed: PlacedZone[] = [];
    let y = size.margin + size.title;
    for (let start = 0; start < zones.length; start += columnsPerBand) {
        const band = zones.slice(start, start + columnsPerBand);
        const most = Math.max(...band.map(({ disks }) => disks.length));
        const height = size.head + Math.max(most, 1) * size.row + size.foot;
        const top = y;
        placed.push(
            ...band.map((zone, index) => ({
                zone,
                x: size.margin + index * (size.column + size.gap),
                y: top,
                height,
                rows: zone.disks.map((disk, row) => ({ disk, y: top + size.head + row * size.row })),
            })),
        );
        y += height + size.gap;
    }
    // At least as wide as two zones, for the title.
    const columns = Math.max(2, Math.min(zones.length, columnsPerBand));
    const width = 2 * size.margin + columns * size.column + (columns - 1) * size.gap;
    return { width, height: y - size.gap + size.margin + (zones.length === 0 ? 40 : 0), zones: placed };
}

/** Shortens a text to a width, estimated from the average letter. Keeps the end, where the ordinal is. */
export function fitted(text: string, width: number, fontSize: number): string {
    const letters = Math.max(3, Math.floor(width / (fontSize * 0.62)));
    const all = [...text];
    const end = Math.min(6, Math.floor(letters / 2));
    return all.length <= letters
        ? text
        : `${all.slice(0, letters - 1 - end).join("")}…${all.slice(-end).join("")}`;
}
