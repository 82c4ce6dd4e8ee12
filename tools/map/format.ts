import { counted } from "../terminal/counted";
import { notLookedAt } from "../inspect/sources";
import type { Concern, MapDisk, MapNode, SlotCount, Zone, ZoneMap } from "./model";

/** Labels of problems of a disk. */
export const concernLabels: Readonly<Record<Concern, string>> = {
    gone: "volume gone",
    error: "volume in error",
    noNode: "no node here",
    failed: "Failed",
    released: "Released",
};

/** Total capacity of disks, such as 1,200 GiB. Unknown sizes count as 0. */
export function capacity(disks: readonly MapDisk[]): string {
    return gibibytes(disks.reduce((sum, { sizeGiB = 0 }) => sum + sizeGiB, 0));
}

/** A size such as 1,200 GiB. */
export function gibibytes(size: number): string {
    return `${size.toLocaleString("en")} GiB`;
}

/** More disks than these are folded: by storage in the page, and in the picture one row for each storage. */
const disksShown = 40;

/** Whether a map has so many disks that they are folded. */
export function isFolded(zones: readonly Zone[]): boolean {
    return zones.reduce((sum, { disks }) => sum + disks.length, 0) > disksShown;
}

/** A claim that a PersistentVolume is for, and that doesn't exist, in words. */
export function absentClaim({ claim, status }: MapDisk): string | undefined {
    return claim === undefined || claim.isThere
        ? undefined
        : status === "Released"
          ? `claim ${claim.name} was deleted`
          : `reserved for ${claim.name}`;
}

/** A storage's name, or the one heading for disks of no storage. */
export function storageName({ storage }: Pick<MapDisk, "storage">): string {
    return storage ?? "of no storage";
}

/** Disks without volumes that are kept since a move. */
export function current(disks: readonly MapDisk[]): MapDisk[] {
    return disks.filter(({ movedTo }) => movedTo === undefined);
}

/** Number and capacity of disks. */
export function amountOf(disks: readonly MapDisk[]): string {
    const [inUse, all] = [current(disks), disks.length];
    const kept = all - inUse.length;
    return [
        inUse.length === 0 ? "no disks" : `${counted(inUse.length, "disk")}, ${capacity(inUse)}`,
        ...(kept === 0 ? [] : [`${kept} kept`]),
    ].join(", ");
}

/** A node's name without region and domain. */
export function shortNodeName(name: string): string {
    return /^ip-[\d-]+(?=\.)/.exec(name)?.[0] ?? name;
}

/** Name of a zone, for display. */
export function zoneName(name: string): string {
    return name === "" ? "zone unknown" : name;
}

/** The state of a disk in one word. */
export function statusOf({ status, movedTo }: MapDisk): string {
    return status ?? (movedTo === undefined ? "no PersistentVolume" : "kept");
}

/** Colour and shape for the state of a disk: the shape repeats the colour's meaning. */
export function shapeOf(disk: MapDisk): { readonly kind: string; readonly shape: string } {
    return shapes[statusOf(disk)] ?? { kind: "grey", shape: "○" };
}

const shapes: Readonly<Record<string, { readonly kind: string; readonly shape: string }>> = {
    Bound: { kind: "green", shape: "●" },
    Available: { kind: "blue", shape: "○" },
    Released: { kind: "red", shape: "◆" },
    Failed: { kind: "red", shape: "✕" },
    Pending: { kind: "amber", shape: "◐" },
    kept: { kind: "grey", shape: "◇" },
};

/** Size, type and encryption of a volume. */
export function volumeFacts({ sizeGiB, type, isEncrypted }: MapDisk): string[] {
    return [
        ...(sizeGiB === undefined ? [] : [`${sizeGiB.toLocaleString("en")} GiB`]),
        ...(type === undefined ? [] : [type]),
        ...(isEncrypted === undefined ? [] : [isEncrypted ? "encrypted" : "not encrypted"]),
    ];
}

/** Treatment of a volume once the stack no longer has it. */
export function deletionFacts({ deletionPolicy, isProtected }: MapDisk): string[] {
    const descriptions: Record<string, string> = {
        Retain: "retained",
        Snapshot: "deleted after a snapshot",
        Delete: "deleted with its data",
    };
    return [
        ...(isProtected ? ["protected"] : []),
        ...(deletionPolicy === undefined ? [] : [descriptions[deletionPolicy] ?? deletionPolicy]),
    ];
}

/** Age at a time, in its two largest units. */
export function age(at: string, now: string): string {
    const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    if (days > 0) {
        return days < 3 && hours > 0 ? `${days} d ${hours} h old` : `${days} d old`;
    }
    return hours > 0 ? `${hours} h ${minutes % 60} min old` : `${minutes} min old`;
}

/** A time such as 2026-11-21 10:48 UTC. */
export function moment(iso: string): string {
    return iso === "" ? "" : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** Nodes of a zone that take pods; undefined if they could not be read. */
export function usableNodes({ nodes }: Zone): MapNode[] | undefined {
    return nodes?.filter(({ takesPods }) => takesPods);
}

/** Attach slots of the nodes that take pods; undefined if those of one aren't known. */
export function slotsOf(zone: Zone): SlotCount | undefined {
    const nodes = usableNodes(zone) ?? [];
    const known = nodes.flatMap(({ attachSlots }) => attachSlots ?? []);
    return known.length === 0 || known.length < nodes.length
        ? undefined
        : {
              used: known.reduce((sum, { used }) => sum + used, 0),
              free: known.reduce((sum, { free }) => sum + free, 0),
          };
}

/** Sources that the map can't show, since they were not looked at. */
export function unlooked({ sources, elsewhere, backupsNotLookedAt }: ZoneMap): string[] {
    const { state, cluster, nodes, attachSlots, ec2 } = sources;
    const inCluster = { nodes: !cluster || nodes, attachSlots: !cluster || attachSlots };
    return [...notLookedAt({ state, cluster, ...inCluster, ec2 }, elsewhere), ...backupsNotLookedAt];
}
