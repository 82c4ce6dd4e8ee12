import { table } from "../terminal/table";
import { printable } from "../../components/validation/problems";
import type { ZoneMap } from "./model";
import { capacity, current, zoneName } from "./format";

/** The zones as a table for a terminal. */
export function zoneTable({ zones }: ZoneMap): string {
    return table(
        zones.map(({ name, nodes, disks }) => ({
            zone: printable(zoneName(name)),
            nodes: nodes?.filter(({ takesPods }) => takesPods).length ?? "?",
            disks: current(disks).length,
            capacity: capacity(current(disks)),
            kept: disks.length - current(disks).length,
            problems: disks.filter(({ concerns }) => concerns.length > 0).length,
        })),
    );
}
