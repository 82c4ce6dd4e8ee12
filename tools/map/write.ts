import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { ZoneMap } from "./model";
import { page } from "./page";
import { picture } from "./svg";

/** Writes the map to files: a picture if the name ends in .svg, otherwise a page. */
export async function writeMap(map: ZoneMap, files: readonly string[]): Promise<void> {
    const render = (file: string) => (extname(file) === ".svg" ? picture(map) : page(map));
    await Promise.all(files.map((file) => writeFile(file, render(file))));
}
