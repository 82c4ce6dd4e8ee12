import { grouped } from "../inspect/grouped";
import { isFolded, storageName } from "./format";
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
    readonly rows: readonly (Row & { readonly y: number })[];
}

/** The picture's size, and the places of zones and disks. */
export interface Layout {
    readonly width: number;
    readonly height: number;
    readonly zones: readonly PlacedZone[];
}

/** A row of a zone: a disk, or the disks of a storage in a picture of many. */
export type Row =
    { readonly disk: MapDisk } | { readonly storage: string; readonly disks: readonly MapDisk[] };

/** Puts the zones side by side, each as high as the highest beside it. */
export function layout({ zones }: Pick<ZoneMap, "zones">): Layout {
    const placed: PlacedZone[] = [];
    const folds = isFolded(zones);
    let y = size.margin + size.title;
    for (let start = 0; start < zones.length; start += columnsPerBand) {
        const band = zones.slice(start, start + columnsPerBand);
        const rows = band.map(({ disks }) => rowsOf(disks, folds));
        const most = Math.max(...rows.map((all) => all.length));
        const height = size.head + Math.max(most, 1) * size.row + size.foot;
        const top = y;
        placed.push(
            ...band.map((zone, index) => ({
                zone,
                x: size.margin + index * (size.column + size.gap),
                y: top,
                height,
                rows: (rows[index] ?? []).map((row, at) => ({ ...row, y: top + size.head + at * size.row })),
            })),
        );
        y += height + size.gap;
    }
    // At least as wide as two zones, for the title.
    const columns = Math.max(2, Math.min(zones.length, columnsPerBand));
    const width = 2 * size.margin + columns * size.column + (columns - 1) * size.gap;
    return { width, height: y - size.gap + size.margin + (zones.length === 0 ? 40 : 0), zones: placed };
}

/** Every disk, or a row for each storage, each followed by its disks with problems of their own. */
function rowsOf(disks: readonly MapDisk[], folds: boolean): Row[] {
    if (!folds) {
        return disks.map((disk) => ({ disk }));
    }
    const titleOf = (disk: MapDisk) => (disk.movedTo === undefined ? storageName(disk) : "kept after a move");
    return grouped(disks, titleOf).flatMap(([storage, all]) => [
        { storage, disks: all },
        ...all.filter(({ concerns }) => concerns.some((one) => one !== "noNode")).map((disk) => ({ disk })),
    ]);
}

/** Shortens a text to a width, estimated from its letters. Keeps the end, where the ordinal is. */
export function fitted(text: string, width: number, fontSize: number): string {
    const all = [...text];
    if (widthOf(text, fontSize) <= width) {
        return text;
    }
    const end = all.slice(-Math.min(6, Math.floor(all.length / 2)));
    const start = all.slice(0, -end.length);
    while (start.length > 1 && widthOf([...start, "…", ...end].join(""), fontSize) > width) {
        start.pop();
    }
    while (end.length > 1 && widthOf([...start, "…", ...end].join(""), fontSize) > width) {
        end.shift();
    }
    return [...start, "…", ...end].join("");
}

/** The most that a text takes: the font is the reader's, and the widest of usual ones count. */
export function widthOf(text: string, fontSize: number): number {
    const letters = [...text].map((one) =>
        /[\u0000-\u007e]/.test(one)
            ? /[A-Z@%MWmw]/.test(one)
                ? 0.95
                : /[ijlI.,:;'|! ]/.test(one)
                  ? 0.4
                  : 0.68
            : 1.05,
    );
    return fontSize * letters.reduce((sum, one) => sum + one, 0);
}
