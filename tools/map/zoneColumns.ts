import { counted } from "../terminal/counted";
import { grouped } from "../inspect/grouped";
import { markup } from "./markup";
import type { Markup } from "./markup";
import type { MapDisk, MapNode, Zone, ZoneMap } from "./model";
import { bar } from "./spread";
import {
    amountOf,
    capacity,
    concernLabels,
    current,
    deletionFacts,
    isFolded,
    shapeOf,
    shortNodeName,
    slotsOf,
    statusOf,
    storageName,
    usableNodes,
    volumeFacts,
    zoneName,
} from "./format";

/** More nodes than these are collapsed. */
const nodesShown = 4;

/** The zones as columns, each with its nodes and its disks. */
export function zonesSection({ zones }: ZoneMap): Markup {
    const total = current(zones.flatMap((zone) => zone.disks)).length;
    const hint =
        total === 0
            ? ""
            : markup`<p class="hint">Of each disk: PersistentVolume and its status, claim <span aria-hidden="true">→</span><span class="unseen-word">and</span> pod, volume.</p>`;
    return zones.length === 0
        ? markup``
        : markup`<section aria-labelledby="zones">
<h2 id="zones">Zones</h2>
<div class="zones">
${zones.map((zone, index) => column(zone, index, total, isFolded(zones)))}</div>
${hint}
</section>
`;
}

function column(zone: Zone, index: number, total: number, folds: boolean): Markup {
    const { name, disks } = zone;
    const part = current(disks).length / total;
    const share =
        total === 0
            ? ""
            : markup`<p class="share-of">${bar(part)}${Math.round(part * 100)}% of all disks</p>`;
    return markup`<section class="zone zone-${index}" aria-labelledby="zone-${index}">
<div class="zone-head">
<h3 id="zone-${index}">${zoneName(name)}</h3>
<p class="amount">${amountOf(disks)}</p>
${share}
</div>
${nodes(zone)}
${groups(disks).map((one) => group(one, folds))}</section>
`;
}

function nodes(zone: Zone): Markup {
    const { name, nodes: all, disks } = zone;
    const usable = usableNodes(zone);
    if (all === undefined || usable === undefined || name === "") {
        return markup``;
    }
    if (usable.length === 0) {
        return disks.some(({ concerns }) => concerns.includes("noNode"))
            ? markup`<p class="no-node bad"><span aria-hidden="true">▲</span> <b>No node</b> takes pods here: pods of these disks can't start.</p>`
            : markup`<p class="no-node"><b>No node</b> takes pods here.</p>`;
    }
    const list = markup`<ul class="nodes">${all.map(nodeLine)}</ul>`;
    const slots = slotsOf(zone);
    const label = [
        counted(usable.length, "node"),
        ...(slots ? [`attach slots: ${slots.used} used, ${slots.free} free`] : []),
    ].join(", ");
    return all.length <= nodesShown
        ? markup`<div class="node-list"><p class="label">${label}</p>${list}</div>`
        : markup`<details class="node-list"><summary class="label">${label}</summary>${list}</details>`;
}

function nodeLine({ name, instanceType, takesPods, attachSlots }: MapNode): Markup {
    const facts = [
        ...(instanceType === undefined ? [] : [instanceType]),
        ...(takesPods ? [] : ["takes no pods"]),
        ...(attachSlots ? [`${attachSlots.free} free`] : []),
    ];
    return markup`<li><span class="name">${shortNodeName(name)}</span> <span class="type">${facts.join(", ")}</span></li>`;
}

/** Disks of one storage, under one heading. */
interface Group {
    readonly title: string;
    /** Facts of all its disks, by line; none if they differ. */
    readonly facts: readonly (readonly string[])[];
    readonly isKept: boolean;
    readonly disks: readonly MapDisk[];
}

function groups(disks: readonly MapDisk[]): Group[] {
    const titleOf = (disk: MapDisk) => (disk.movedTo === undefined ? storageName(disk) : "kept after a move");
    // JSON keeps a storage of that name apart from disks of none.
    const keyOf = (disk: MapDisk) =>
        JSON.stringify([titleOf(disk), disk.movedTo === undefined && disk.storage]);
    return grouped(disks, keyOf).map(([, all]) => {
        const [first] = all;
        const kinds = new Set(all.map((disk) => JSON.stringify(factsOf(disk))));
        return {
            title: titleOf(first),
            facts: kinds.size === 1 ? factsOf(first) : [],
            isKept: first.movedTo !== undefined,
            disks: all,
        };
    });
}

function factsOf(disk: MapDisk): string[][] {
    return [volumeFacts(disk), deletionFacts(disk)].filter((line) => line.length > 0);
}

/** A storage's disks. They fold on a map of many disks, and stay open on one of few. */
function group({ title, facts, isKept, disks }: Group, folds: boolean): Markup {
    const bad = disks.filter(({ concerns }) => concerns.length > 0).length;
    const amount = `${counted(disks.length, isKept ? "volume" : "disk")}, ${capacity(disks)}`;
    const alarm = bad === 0 ? "" : markup` <span class="badge red">▲ ${counted(bad, "problem")}</span>`;
    return markup`<details class="group${isKept ? " kept" : ""}"${folds ? "" : markup` open`}>
<summary class="group-head"><h4>${title}</h4><span class="line">${amount}${alarm}</span>${facts.map(factLine)}</summary>
<ul>${disks.map((disk) => card(disk, facts.length === 0))}</ul>
</details>
`;
}

function factLine(facts: readonly string[]): Markup {
    return markup`<span class="line">${facts.map((fact, index) => markup`${index === 0 ? "" : " · "}<span class="fact">${fact}</span>`)}</span>`;
}

function card(disk: MapDisk, hasFacts: boolean): Markup {
    const { name, volumeId, concerns, movedTo } = disk;
    const alarms = concerns.filter((one) => one === "gone" || one === "error");
    // noNode has its own text in the zone; the status shows Released and Failed.
    const mark = concerns.includes("noNode")
        ? markup`<span aria-hidden="true">▲ </span><span class="unseen-word">${concernLabels.noNode}: </span>`
        : "";
    return markup`<li class="disk${concerns.length > 0 ? " bad" : ""}">
<p class="disk-head"><b>${mark}${name}</b> <span class="badge ${shapeOf(disk).kind}"><span aria-hidden="true">${shapeOf(disk).shape}</span> ${statusOf(disk)}</span></p>
${alarms.map((one) => markup`<p><span class="badge red">▲ ${concernLabels[one]}</span></p>`)}${use(disk)}${hasFacts ? factsOf(disk).map(factLine) : ""}${
        movedTo === undefined ? "" : markup`<p>its disk moved to <span class="id">${movedTo}</span></p>`
    }${volumeId === undefined || volumeId === name ? "" : markup`<p class="id">${volumeId}</p>`}
</li>`;
}

/** Claim and pods of a disk. A pod is in its claim's namespace, which is shown once. */
function use({ claim, pods, status }: MapDisk): Markup {
    if (claim === undefined) {
        return markup``;
    }
    const namespace = claim.name.slice(0, claim.name.indexOf("/") + 1);
    const absent = status === "Released" ? " (deleted)" : " (reserved)";
    const users = pods.map(({ name, phase }) => {
        const word = phase === "Running" ? "" : ` (${phase})`;
        const short = name.startsWith(namespace) ? name.slice(namespace.length) : name;
        return markup` <span class="pod"><span aria-hidden="true">→</span><span class="unseen-word">, pod</span> ${short}${word}</span>`;
    });
    return markup`<p class="use"><span class="unseen-word">claim </span>${claim.name}${claim.isThere ? "" : absent}${users}</p>`;
}
