const natural = new Intl.Collator("en", { numeric: true });

/** Order of names with numbers: data-2 before data-10. */
export function compareNames(a: string, b: string): number {
    return natural.compare(a, b);
}
