import { counted } from "../terminal/counted";
import { gibibytes, storageName, zoneName } from "./format";
import { markup } from "./markup";
import type { Markup } from "./markup";
import type { Spread, ZoneMap } from "./model";

/** The summary of a map: a table of each storage's disks by zone. Its bars have one scale, so rows can be compared. */
export function spreadSection({ zones, storages, region = "" }: ZoneMap): Markup {
    const names = zones.map(({ name }) => name);
    const most = Math.max(1, ...storages.flatMap(({ disks }) => Object.values(disks)));
    const sums = names.map((name) => sum(storages.map(({ disks }) => disks[name] ?? 0)));
    return markup`<section aria-labelledby="spread">
<h2 id="spread">Disks by storage and zone</h2>
<div class="scrolls spread" tabindex="0" role="region" aria-label="Table of disks by storage and zone">
<table><thead><tr><th scope="col">Storage</th>${names.map((name) => markup`<th scope="col" class="number">${shortZone(name, region)}</th>`)}<th scope="col" class="number all">all</th></tr></thead>
<tbody>${storages.map((one) => row(one, names, most))}</tbody>
<tfoot><tr><th scope="row">all</th>${sums.map((count) => markup`<td class="number">${count}</td>`)}<td class="number all">${total(sum(sums), sum(storages.map(({ sizeGiB }) => sizeGiB)))}</td></tr></tfoot></table>
</div>
<p class="hint">Each figure is a number of disks; a bar over the whole width is ${counted(most, "disk")}. A dash: the storage doesn’t use the zone.</p>
</section>
`;
}

function row(spread: Spread, names: readonly string[], most: number): Markup {
    const { disks, isUneven, sizeGiB } = spread;
    const cells = names.map((name) => {
        const count = disks[name];
        return count === undefined
            ? markup`<td class="number none">–</td>`
            : markup`<td class="number">${bar(count / most)}${count}</td>`;
    });
    const word = isUneven ? markup` <span class="badge amber">◐ uneven</span>` : "";
    return markup`<tr><th scope="row">${storageName(spread)}${word}</th>${cells}<td class="number all">${total(sum(Object.values(disks)), sizeGiB)}</td></tr>`;
}

function total(count: number, sizeGiB: number): Markup {
    return markup`<b>${count.toLocaleString("en")}</b> <span class="quiet">${gibibytes(sizeGiB)}</span>`;
}

/** A zone's name. On a phone its region is left out, so that all zones fit. */
function shortZone(name: string, region: string): Markup {
    return region !== "" && name.startsWith(region) && name !== region
        ? markup`<span class="region">${region}</span>${name.slice(region.length)}`
        : markup`${zoneName(name)}`;
}

/** A share as a bar, next to its number. */
export function bar(share: number): Markup {
    const width = Math.round(share * 1000) / 10;
    return markup`<svg class="bar" width="100%" height="4" aria-hidden="true"><rect class="track" width="100%" height="4" rx="2"/><rect class="share" width="${width}%" height="4" rx="2"/></svg>`;
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((a, b) => a + b, 0);
}
