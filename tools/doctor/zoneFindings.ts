import type { V1PersistentVolume } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { takesPods } from "../inspect/nodes";
import { grouped } from "../inspect/grouped";
import { isBeingDeleted, isStatic, nameOf, volumeIdOf, zonesOf } from "../inspect/persistentVolumes";
import { listNames } from "./finding";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { sh } from "../terminal/shell";
import { ownCommand } from "../terminal/ownCommand";

/** Disks in zones without a node that accepts pods. */
export function zoneFindings({ cluster, ec2 }: Inventory): Finding[] {
    if (!cluster.nodes) {
        return [];
    }
    const withNodes = new Set(
        cluster.nodes.filter(takesPods).map((node) => node.metadata?.labels?.[zoneLabel]),
    );
    const volumes = ec2 && volumesById(ec2);
    const zones = (one: V1PersistentVolume) => {
        const zone = volumes?.get(volumeIdOf(one) ?? "")?.AvailabilityZone;
        return zone === undefined ? zonesOf(one) : [zone];
    };
    const stranded = cluster.persistentVolumes.filter(
        (one) =>
            isStatic(one) &&
            !isBeingDeleted(one) &&
            zones(one).length > 0 &&
            !zones(one).some((zone) => withNodes.has(zone)),
    );
    return grouped(stranded, (one) => zones(one).join(", ")).map(([zone, all]) => ({
        what: `there is no ready, schedulable node in ${zone}: pods of PersistentVolume ${listNames(all.map(nameOf))} can't start`,
        mend: [
            `add nodes in ${zone}`,
            "or see which disks have a snapshot to be moved from,",
            ...[...new Set(all.flatMap(zones))].map((one) => ownCommand(sh`map --zone=${one}`)),
            "and move them: docs/runbooks.md, A zone has failed",
        ],
    }));
}
