import type { Concern, MapDisk } from "./model";

/** What is wrong with a disk, in a word or two. */
export const concernWords: Readonly<Record<Concern, string>> = {
    gone: "volume gone",
    error: "volume in error",
    noNode: "no node here",
    failed: "Failed",
    released: "Released",
};

/** A number and its noun: 1 disk, 2 disks. */
export function counted(count: number, noun: string): string {
    return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Capacity of some disks, such as 1,200 GiB; of those whose size is known. */
export function capacity(disks: readonly MapDisk[]): string {
    const gibibytes = disks.reduce((sum, { sizeGiB = 0 }) => sum + sizeGiB, 0);
    return `${gibibytes.toLocaleString("en")} GiB`;
}

/** Those that are in use or could be, without those that are kept since a move. */
export function current(disks: readonly MapDisk[]): MapDisk[] {
    return disks.filter(({ movedTo }) => movedTo === undefined);
}

/** How many disks there are, and their capacity. */
export function amountOf(disks: readonly MapDisk[]): string {
    const [inUse, all] = [current(disks), disks.length];
    const kept = all - inUse.length;
    return [
        inUse.length === 0 ? "no disks" : `${counted(inUse.length, "disk")}, ${capacity(inUse)}`,
        ...(kept === 0 ? [] : [`${kept} kept`]),
    ].join(", ");
}

/** What people call a node: the name that EC2 gives has the region and a domain, too. */
export function shortNodeName(name: string): string {
    return /^ip-[\d-]+(?=\.)/.exec(name)?.[0] ?? name;
}

/** Name of a zone, or what to call the lack of one. */
export function zoneName(name: string): string {
    return name === "" ? "zone unknown" : name;
}

/** The state of a disk in one word. */
export function statusOf({ status, movedTo }: MapDisk): string {
    return status ?? (movedTo === undefined ? "no PersistentVolume" : "kept");
}

/** How the state of a disk looks: never by colour alone. */
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

/** What a volume is like: size, type, encryption. */
export function volumeFacts({ sizeGiB, type, isEncrypted }: MapDisk): string[] {
    return [
        ...(sizeGiB === undefined ? [] : [`${sizeGiB.toLocaleString("en")} GiB`]),
        ...(type === undefined ? [] : [type]),
        ...(isEncrypted === undefined ? [] : [isEncrypted ? "encrypted" : "not encrypted"]),
    ];
}

/** What happens to a volume that the stack doesn't ask for any more. */
export function deletionFacts({ deletionPolicy, isProtected }: MapDisk): string[] {
    const words: Record<string, string> = {
        Retain: "retained",
        Snapshot: "deleted after a snapshot",
        Delete: "deleted with its data",
    };
    return [
        ...(isProtected ? ["protected"] : []),
        ...(deletionPolicy === undefined ? [] : [words[deletionPolicy] ?? deletionPolicy]),
    ];
}

/** How long before a moment something was, in its two largest units. */
export function age(at: string, now: string): string {
    const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    if (days > 0) {
        return days < 3 && hours > 0 ? `${days} d ${hours} h old` : `${days} d old`;
    }
    return hours > 0 ? `${hours} h ${minutes % 60} min old` : `${minutes} min old`;
}

/** A moment for people: 2026-11-21 10:48 UTC. */
export function moment(iso: string): string {
    return iso === "" ? "" : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** As people count: web-2 before web-10. */
export function byName(a: string, b: string): number {
    return a.localeCompare(b, "en", { numeric: true });
}
