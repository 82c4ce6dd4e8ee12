import { markup } from "./markup";
import type { Markup } from "./markup";
import type { ZoneMap } from "./model";
import { limitsOf } from "../inspect/sources";
import { ownCommand } from "../terminal/ownCommand";
import { capacity, current, moment, unlooked, usableNodes } from "./format";
import { problemCount } from "./notices";

/** Subject, time and totals of the map. */
export function header(map: ZoneMap): Markup {
    const { stack, clusters, region, lookedAt, zones } = map;
    const problems = problemCount(map);
    const disks = current(zones.flatMap((zone) => zone.disks));
    const nodes = zones.flatMap((zone) => usableNodes(zone) ?? []);
    const pods = new Set(disks.flatMap((disk) => disk.pods.map(({ name }) => name)));
    const title = stack ?? clusters[0] ?? "this cluster";
    const facts = [...clusters.filter((name) => name !== title), ...(region === undefined ? [] : [region])];
    const figures: [string, string, boolean?][] = [
        ["disks", disks.length.toLocaleString("en")],
        ["capacity", capacity(disks)],
        ["zones with disks", String(zones.filter((zone) => current(zone.disks).length > 0).length)],
        ["nodes", zones.some((zone) => zone.nodes) ? nodes.length.toLocaleString("en") : "not known"],
        ["pods on disks", pods.size.toLocaleString("en")],
        ["problems", problems.toLocaleString("en"), problems > 0],
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

/** Problems and uneven storages. */
export function noticesSection(map: ZoneMap): Markup {
    const { notices } = map;
    if (notices.length === 0) {
        return markup`<p class="all-well"><span class="mark" aria-hidden="true">✓</span> No problems found${limitsOf(unlooked(map))}.</p>`;
    }
    const items = notices.map(({ kind, what }) =>
        kind === "uneven"
            ? markup`<li class="notice note"><strong><span aria-hidden="true">◐</span> Note</strong><span>${what}</span></li>`
            : markup`<li class="notice"><strong><span aria-hidden="true">▲</span> Problem</strong><span>${what}</span></li>`,
    );
    return markup`<section aria-labelledby="notices">
<h2 id="notices">Problems and notes</h2>
<ul class="notices">${items}</ul>
<p class="hint"><code>${ownCommand("doctor")}</code> shows the commands that solve them.</p>
</section>
`;
}

/** The page of a stack or a cluster without disks. */
export function emptySection({ sources }: ZoneMap): Markup {
    const why = sources.state ? "The stack has no volumes." : "The cluster has no PersistentVolumes on EBS.";
    return markup`<section class="empty" aria-labelledby="empty">
<svg width="88" height="64" viewBox="0 0 88 64" aria-hidden="true"><rect x="1" y="1" width="24" height="62" rx="6"/><rect x="32" y="1" width="24" height="62" rx="6"/><rect x="63" y="1" width="24" height="62" rx="6"/></svg>
<h2 id="empty">No disks yet</h2>
<p>${why} Disks appear here, each in its zone, after <code>pulumi up</code> has created some.</p>
</section>
`;
}

/** Sources that could not be read, and why. */
export function unseenSection({ unseen }: ZoneMap): Markup {
    return unseen.length === 0
        ? markup``
        : markup`<section class="unseen" aria-labelledby="unseen">
<h2 id="unseen">Not on this map</h2>
<ul>${unseen.map((line) => markup`<li>${line}</li>`)}</ul>
</section>`;
}
