import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { failureOf } from "./failure";
import { markup } from "./markup";
import type { Markup } from "./markup";
import type { MapDisk, Zone, ZoneMap } from "./model";
import { absentClaim, age, capacity, moment, zoneName } from "./format";

/** The effect of a zone's failure, for the zone that the reader chooses. */
export function failureSection({ zones: all, lookedAt, sources }: ZoneMap): Markup {
    const zones = all.map((zone, index) => ({ zone, index })).filter(({ zone }) => zone.name !== "");
    const choices = zones.map(
        ({ zone, index }) =>
            markup`<label><input type="radio" name="failure" id="fails-${index}" autocomplete="off"><span>${zoneName(zone.name)}</span></label>`,
    );
    return markup`<section aria-labelledby="failure">
<h2 id="failure">If a zone fails</h2>
<fieldset class="choices"><legend>Choose a zone to see the effect of its failure</legend>
<label><input type="radio" name="failure" id="fails-none" autocomplete="off" checked><span>none</span></label>${choices}
</fieldset>
<div role="status">${zones.map(({ zone, index }) => markup`<p class="if-${index} summary">${summary(zone)}</p>`)}</div>
${zones.map(({ zone, index }) => details(zone, index, lookedAt, sources.snapshots))}
</section>
`;
}

function summary(zone: Zone): Markup {
    const { disks, claims, pods, otherPods, withoutSnapshot } = failureOf(zone);
    const name = zoneName(zone.name);
    if (disks.length === 0) {
        return markup`No effect on disks: none is in ${name}.`;
    }
    const used = [
        ...(claims.length > 0 ? [counted(claims.length, "claim")] : []),
        ...(pods.length > 0 ? [counted(pods.length, "pod")] : []),
    ].join(" and ");
    const without = withoutSnapshot?.length ?? 0;
    return markup`<b>${counted(disks.length, "disk")} (${capacity(disks)})</b>${used === "" ? " would be out of reach" : markup`, with <b>${used}</b>, would be out of reach`}: a disk can be attached in its own zone only.${otherPods === 0 ? "" : ` ${counted(otherPods, "other pod")} would start elsewhere, if there is room.`}${without === 0 ? "" : markup` <b class="red-text">▲ ${counted(without, "disk")} ${without === 1 ? "has" : "have"} no snapshot.</b>`}`;
}

function details(zone: Zone, index: number, lookedAt: string, hasSnapshots: boolean): Markup {
    const { disks } = failureOf(zone);
    if (disks.length === 0) {
        return markup``;
    }
    const rows = disks.map(
        (disk) =>
            markup`<tr><th scope="row">${disk.name}</th><td>${users(disk)}</td><td>${snapshot(disk, lookedAt)}</td></tr>`,
    );
    return markup`<div class="if-${index}">
<div class="scrolls lineage" tabindex="0" role="region" aria-label="Disks in ${zoneName(zone.name)} and their newest snapshots">
<table><thead><tr><th scope="col">Disk</th><th scope="col">Used by</th><th scope="col">Newest snapshot</th></tr></thead>
<tbody>${rows}</tbody></table>
</div>
<p class="hint">${hasSnapshots ? "A disk starts again in another zone from its newest snapshot: what was written since is in the old volume only." : "Snapshots could not be read."} <code>${ownCommand(`evacuate --zone=${zone.name}`)}</code> moves them with their pods, and shows the plan first.</p>
</div>
`;
}

function users(disk: MapDisk): Markup {
    const { claim, pods } = disk;
    if (pods.length > 0) {
        return markup`${pods.map(({ name }) => name).join(", ")}`;
    }
    const absent = absentClaim(disk);
    return claim === undefined || absent !== undefined
        ? markup`<span class="quiet">nobody${absent === undefined ? "" : `, ${absent}`}</span>`
        : markup`${claim.name} <span class="quiet">(claim)</span>`;
}

function snapshot({ snapshot: newest }: MapDisk, lookedAt: string): Markup {
    if (newest === undefined) {
        return markup`<span class="quiet">not known</span>`;
    }
    return newest === null
        ? markup`<span class="badge red">▲ none</span>`
        : markup`<b>${age(newest.at, lookedAt)}</b> <span class="quiet"><time datetime="${newest.at}">${moment(newest.at)}</time></span> <span class="id">${newest.id}</span>`;
}
