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
    const stranded = disksWithZones({ cluster, ec2 }).filter(
        ({ zones }) => zones.length > 0 && !zones.some((zone) => withNodes.has(zone)),
    );
    return grouped(stranded, ({ zones }) => zones.join(", ")).map(([zone, all]) => ({
        what: `there is no ready, schedulable node in ${zone}: pods of PersistentVolume ${listNames(all.map(({ name }) => name))} can't start`,
        mend: [
            `add nodes in ${zone}`,
            "or see which disks have a snapshot to be moved from,",
            ...[...new Set(all.flatMap(({ zones }) => zones))].map((one) =>
                ownCommand(sh`map --zone=${one}`),
            ),
            "and move them: docs/runbooks.md, A zone has failed",
        ],
    }));
}

/** The cluster's static disks by PersistentVolume, with the zone of the volume, or else of the PersistentVolume. */
export function disksWithZones({
    cluster,
    ec2,
}: Pick<Inventory, "cluster" | "ec2">): { readonly name: string; readonly zones: readonly string[] }[] {
    const volumes = ec2 && volumesById(ec2);
    return cluster.persistentVolumes
        .filter((one) => isStatic(one) && !isBeingDeleted(one))
        .map((one) => {
            const zone = volumes?.get(volumeIdOf(one) ?? "")?.AvailabilityZone;
            return { name: nameOf(one), zones: zone === undefined ? zonesOf(one) : [zone] };
        });
}
