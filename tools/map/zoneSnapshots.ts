import { table } from "../terminal/table";
import { failureOf } from "./failure";
import { visible } from "./markup";
import type { MapDisk, ZoneMap } from "./model";
import { byName, counted, moment } from "./format";

/** Every disk of a zone with its newest complete snapshot: what can be moved out of it, and what can't. */
export interface ZoneSnapshots {
    readonly zone: string;
    /** Those without a snapshot first; without volumes that are kept since a move. */
    readonly disks: readonly MapDisk[];
    /** Undefined if snapshots couldn't be looked at. */
    readonly withoutSnapshot?: readonly MapDisk[];
    /** Disks that may be there as well: nothing says which zone they are in. */
    readonly zoneUnknown: readonly MapDisk[];
}

/**
 * The disks of a zone.
 *
 * @throws Error if the map has no such zone.
 */
export function zoneSnapshots({ zones }: ZoneMap, name: string): ZoneSnapshots {
    const zone = zones.find((one) => one.name === name && name !== "");
    if (!zone) {
        const names = zones.flatMap((one) => (one.name === "" ? [] : [visible(one.name)]));
        throw new Error(
            `--zone must be a zone with disks or nodes (${names.join(", ") || "there is none"}), got "${visible(name)}"`,
        );
    }
    const unknown = zones.find((one) => one.name === "");
    const { disks, withoutSnapshot } = failureOf(zone);
    return { zone: name, disks, withoutSnapshot, zoneUnknown: unknown ? failureOf(unknown).disks : [] };
}

/** Lines for a terminal: a table, and which disks have no snapshot. */
export function snapshotLines({ zone, disks, withoutSnapshot, zoneUnknown }: ZoneSnapshots): string[] {
    const names = (some: readonly MapDisk[]) =>
        some
            .map(({ name }) => visible(name))
            .sort(byName)
            .join(", ");
    const verdict =
        withoutSnapshot === undefined
            ? `snapshots couldn't be looked at: what can be moved out of ${visible(zone)} isn't known`
            : withoutSnapshot.length === 0
              ? `every disk of ${visible(zone)} has a snapshot`
              : `${counted(withoutSnapshot.length, "disk")} of ${disks.length} in ${visible(zone)} without a snapshot: ${names(withoutSnapshot)}`;
    return [
        ...(disks.length === 0 ? [] : [table(disks.map(row))]),
        ...(zoneUnknown.length === 0 ? [] : [`nothing says which zone these are in: ${names(zoneUnknown)}`]),
        disks.length === 0 ? `there is no disk in ${visible(zone)}` : verdict,
    ];
}

function row({ name, volumeId = "?", claim, pods, snapshot }: MapDisk): Record<string, string> {
    const users = pods.length > 0 ? pods.map((pod) => pod.name).join(", ") : (claim?.name ?? "");
    return {
        disk: visible(name),
        volume: visible(volumeId),
        "used by": visible(users),
        "newest snapshot": snapshot === undefined ? "?" : visible(snapshot?.id ?? "no snapshot"),
        taken: visible(snapshot ? moment(snapshot.at) : ""),
    };
}
