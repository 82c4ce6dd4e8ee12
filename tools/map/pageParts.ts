import { markup } from "./markup";
import type { Markup } from "./markup";
import type { ZoneMap } from "./model";
import { capacity, current, moment, zoneName } from "./format";

/** What the map is of, when it was looked at, and how much there is. */
export function header({ stack, clusters, region, lookedAt, zones, notices }: ZoneMap): Markup {
    const disks = current(zones.flatMap((zone) => zone.disks));
    const nodes = zones.flatMap((zone) => zone.nodes ?? []);
    const pods = new Set(disks.flatMap((disk) => disk.pods.map(({ name }) => name)));
    const title = stack ?? clusters[0] ?? "this cluster";
    const facts = [...clusters.filter((name) => name !== title), ...(region === undefined ? [] : [region])];
    const figures: [string, string, boolean?][] = [
        ["disks", disks.length.toLocaleString("en")],
        ["capacity", capacity(disks)],
        ["zones with disks", String(zones.filter((zone) => current(zone.disks).length > 0).length)],
        ["nodes", zones.some((zone) => zone.nodes) ? nodes.length.toLocaleString("en") : "not known"],
        ["pods on disks", pods.size.toLocaleString("en")],
        ["to look at", String(notices.length), notices.length > 0],
    ];
    return markup`<header>
<p class="overline">Zone map</p>
<h1>${title}</h1>
<p class="facts">${facts.map((fact) => markup`<span>${fact}</span>`)}<span>as of <time datetime="${lookedAt}">${moment(lookedAt)}</time></span></p>
<dl class="figures">${figures.map(
        ([name, value, stands]) =>
            markup`<div${stands ? markup` class="stands-out"` : ""}><dt>${name}</dt><dd>${value}</dd></div>`,
    )}</dl>
</header>`;
}

/** What stands out. */
export function noticesSection({ notices, sources }: ZoneMap): Markup {
    if (notices.length === 0) {
        return markup`<p class="all-well"><span class="mark" aria-hidden="true">✓</span> Nothing stands out${sources.cluster && sources.ec2 ? "" : ", as far as could be looked at"}.</p>`;
    }
    const items = notices.map(({ kind, what }) =>
        kind === "uneven"
            ? markup`<li class="notice note"><strong><span aria-hidden="true">◐</span> Note</strong><span>${what}</span></li>`
            : markup`<li class="notice"><strong><span aria-hidden="true">▲</span> Mend</strong><span>${what}</span></li>`,
    );
    return markup`<section aria-labelledby="notices">
<h2 id="notices">What stands out</h2>
<ul class="notices">${items}</ul>
<p class="hint"><code>npm run doctor</code> says which commands mend it.</p>
</section>
`;
}

/** How each storage's disks are spread over the zones, as a table. */
export function spreadSection({ zones, storages }: ZoneMap): Markup {
    const names = zones.map(({ name }) => name);
    const rows = storages.map(({ storage, disks, isUneven }) => {
        const most = Math.max(...Object.values(disks));
        const cells = names.map((name) => {
            const count = disks[name];
            return count === undefined
                ? markup`<td class="number none">–</td>`
                : markup`<td class="number">${bar(count / most)}${count}</td>`;
        });
        const word = isUneven ? markup` <span class="badge amber">◐ uneven</span>` : "";
        return markup`<tr><th scope="row">${storage ?? markup`<i>of no storage</i>`}${word}</th>${cells}</tr>`;
    });
    return markup`<section aria-labelledby="spread">
<h2 id="spread">Disks by storage and zone</h2>
<div class="scrolls spread" tabindex="0" role="region" aria-label="Table of disks by storage and zone">
<table><thead><tr><th scope="col">Storage</th>${names.map((name) => markup`<th scope="col" class="number">${zoneName(name)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>
</div>
</section>
`;
}

/** A share as a bar; the number beside it says the same. */
export function bar(share: number): Markup {
    const width = Math.round(share * 1000) / 10;
    return markup`<svg class="bar" width="100%" height="4" aria-hidden="true"><rect class="track" width="100%" height="4" rx="2"/><rect class="share" width="${width}%" height="4" rx="2"/></svg>`;
}

/** A stack or a cluster without disks. */
export function emptySection({ sources }: ZoneMap): Markup {
    const why = sources.state
        ? "The stack has no volumes yet, or none any more."
        : "The cluster has no PersistentVolumes on EBS.";
    return markup`<section class="empty" aria-labelledby="empty">
<svg width="88" height="64" viewBox="0 0 88 64" aria-hidden="true"><rect x="1" y="1" width="24" height="62" rx="6"/><rect x="32" y="1" width="24" height="62" rx="6"/><rect x="63" y="1" width="24" height="62" rx="6"/></svg>
<h2 id="empty">No disks yet</h2>
<p>${why} Once <code>pulumi up</code> has made some, they are here, each in its zone.</p>
</section>
`;
}

/** What isn't on the map, and why. */
export function unseenSection({ unseen }: ZoneMap): Markup {
    return unseen.length === 0
        ? markup``
        : markup`<section class="unseen" aria-labelledby="unseen">
<h2 id="unseen">What isn't on this map</h2>
<ul>${unseen.map((line) => markup`<li>${line}</li>`)}</ul>
</section>`;
}
