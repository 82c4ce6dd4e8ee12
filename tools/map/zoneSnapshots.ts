import { counted } from "../terminal/counted";
import { table } from "../terminal/table";
import { failureOf } from "./failure";
import { compareNames } from "../inspect/order";
import { printable } from "../../components/validation/problems";
import type { MapDisk, ZoneMap } from "./model";
import { absentClaim, moment } from "./format";

/** Disks of a zone with their newest complete snapshots, from which they can be moved out of it. */
export interface ZoneSnapshots {
    readonly zone: string;
    /** Disks without a snapshot first; no volumes that are kept since a move. */
    readonly disks: readonly MapDisk[];
    /** Undefined if snapshots could not be read. */
    readonly withoutSnapshot?: readonly MapDisk[];
    /** Disks whose zone is unknown: they may be in this one. */
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
        const names = zones.flatMap((one) => (one.name === "" ? [] : [printable(one.name)]));
        throw new Error(
            `--zone must be a zone with disks or nodes (${names.join(", ") || "none"}), got "${printable(name)}"`,
        );
    }
    const unknown = zones.find((one) => one.name === "");
    const { disks, withoutSnapshot } = failureOf(zone);
    return { zone: name, disks, withoutSnapshot, zoneUnknown: unknown ? failureOf(unknown).disks : [] };
}

/** For a terminal: a table, and which disks have no snapshot. */
export function snapshotLines({ zone, disks, withoutSnapshot, zoneUnknown }: ZoneSnapshots): {
    readonly lines: readonly string[];
    readonly verdict: string;
} {
    const names = (some: readonly MapDisk[]) =>
        some
            .map(({ name }) => printable(name))
            .sort(compareNames)
            .join(", ");
    const verdict =
        withoutSnapshot === undefined
            ? `could not read snapshots: which disks can be moved out of ${printable(zone)} is unknown`
            : withoutSnapshot.length === 0
              ? `every disk of ${printable(zone)} has a snapshot`
              : `${counted(withoutSnapshot.length, "disk")} of ${disks.length} in ${printable(zone)} without a snapshot: ${names(withoutSnapshot)}`;
    return {
        lines: [
            ...(disks.length === 0 ? [] : table(disks.map(row)).split("\n")),
            ...(zoneUnknown.length === 0 ? [] : [`zone unknown: ${names(zoneUnknown)}`]),
        ],
        verdict: disks.length === 0 ? `no disks in ${printable(zone)}` : verdict,
    };
}

function row(disk: MapDisk): Record<string, string> {
    const { name, volumeId = "?", claim, pods, snapshot } = disk;
    const absent = absentClaim(disk);
    const unused = absent === undefined ? (claim?.name ?? "") : `nobody, ${absent}`;
    const users = pods.length > 0 ? pods.map((pod) => pod.name).join(", ") : unused;
    return {
        disk: printable(name),
        volume: printable(volumeId),
        "used by": printable(users),
        "newest snapshot": snapshot === undefined ? "?" : printable(snapshot?.id ?? "no snapshot"),
        taken: printable(snapshot ? moment(snapshot.at) + (snapshot.isOverdue ? ", overdue" : "") : ""),
    };
}
