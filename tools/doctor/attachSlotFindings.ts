import { zoneLabel } from "../../components/plan/zoneLabels";
import { attachSlotsOn } from "../inspect/attachSlots";
import { grouped } from "../inspect/grouped";
import type { Inventory } from "../inspect/inventory";
import { takesPods } from "../inspect/nodes";
import { nameOf } from "../inspect/persistentVolumes";
import { counted } from "../terminal/counted";
import type { Finding } from "./finding";
import { disksWithZones } from "./zoneFindings";

/**
 * Zones with more disks than their nodes can attach at the same time. Nothing is said of a zone with a node whose slots
 * aren't known, and of one without nodes.
 */
export function attachSlotFindings({
    cluster,
    ec2,
    attachSlots,
}: Partial<Pick<Inventory, "cluster" | "ec2" | "attachSlots">>): Finding[] {
    if (!cluster?.nodes || !attachSlots) {
        return [];
    }
    const nodes = cluster.nodes.filter(takesPods);
    const disks = disksWithZones({ cluster, ec2 }).filter(({ zones }) => zones.length === 1);
    const inZone = new Map(grouped(disks, ({ zones: [zone = ""] }) => zone));
    return grouped(nodes, ({ metadata }) => metadata?.labels?.[zoneLabel] ?? "").flatMap(([zone, here]) => {
        const known = here.flatMap((node) => attachSlotsOn(attachSlots, nameOf(node)));
        const names = new Set((inZone.get(zone) ?? []).map(({ name }) => name));
        const count = known.reduce((sum, slots) => sum + slots.count, 0);
        const others = known.flatMap(({ users }) => users).filter((user) => !names.has(user)).length;
        const tooMany = names.size - (count - others);
        return zone === "" || known.length < here.length || tooMany <= 0
            ? []
            : [
                  {
                      what: `the nodes in ${zone} have ${counted(count, "attach slot")} for ${counted(names.size, "disk")}${others > 0 ? ` and ${counted(others, "other volume")}` : ""}: if all are used, pods of ${counted(tooMany, "disk")} can't start`,
                      mend: [
                          `add nodes in ${zone}, or use instance types with more slots`,
                          "or move disks to another zone: docs/evacuate.md",
                      ],
                  },
              ];
    });
}
