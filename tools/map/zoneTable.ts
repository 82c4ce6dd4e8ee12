import { table } from "../terminal/table";
import { printable } from "../../components/validation/problems";
import type { ZoneMap } from "./model";
import { capacity, current, slotsOf, usableNodes, zoneName } from "./format";

/** The zones as a table for a terminal. */
export function zoneTable({ zones }: ZoneMap): string {
    return table(
        zones.map((zone) => ({
            zone: printable(zoneName(zone.name)),
            nodes: usableNodes(zone)?.length ?? "?",
            "free slots": slotsOf(zone)?.free ?? "?",
            disks: current(zone.disks).length,
            capacity: capacity(current(zone.disks)),
            kept: zone.disks.length - current(zone.disks).length,
            "with problems": zone.disks.filter(({ concerns }) => concerns.length > 0).length,
        })),
    );
}
