/** A day such as 2026-11-27. */
export function day(at: Date | undefined): string {
    return at?.toISOString().slice(0, 10) ?? "?";
}

/** A time such as 2026-11-27 03:00 UTC. */
export function minute(at: Date | undefined): string {
    return at ? `${at.toISOString().slice(0, 16).replace("T", " ")} UTC` : "?";
}
