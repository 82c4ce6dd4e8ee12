const names = new Intl.Collator("en", { numeric: true });

/** Natural order of names: web-2 before web-10. */
export function compareNames(a: string, b: string): number {
    return names.compare(a, b);
}

/** The properties that decide a disk's place in a list. */
export interface DiskPlace {
    /** Name of its storage, if it has one. */
    readonly storage?: string;
    readonly ordinal?: number;
    readonly name: string;
}

/** The one order of disks: by storage and ordinal; disks of no storage come last, by name. */
export function compareDisks(a: DiskPlace, b: DiskPlace): number {
    return (
        Number(a.storage === undefined) - Number(b.storage === undefined) ||
        compareNames(a.storage ?? "", b.storage ?? "") ||
        (a.storage === undefined ? 0 : (a.ordinal ?? Infinity) - (b.ordinal ?? Infinity) || 0) ||
        compareNames(a.name, b.name)
    );
}
