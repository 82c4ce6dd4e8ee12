import { counted } from "../../terminal/counted";
import type { Line } from "../../terminal/answer";
import { table } from "../../terminal/table";
import type { ExistingDisk } from "../existingDisk";
import type { Takeover } from "./takeover";

/** The disks, and the tags by which they become this cluster's. */
export function describeReleased(disks: readonly ExistingDisk[], takeover: Takeover): Line[] {
    const { from, to, absent, tagChanges, warnings } = takeover;
    const rows = disks.map(({ name, zone, volumeId, claim }) => ({
        persistentVolume: name,
        zone,
        volume: volumeId,
        claim: claim ? `${claim.namespace}/${claim.name}` : "-",
        here: absent.has(name) ? "no" : "yes",
    }));
    const [set, removed] = [
        tagChanges.flatMap((change) => Object.keys(change.set)),
        tagChanges.flatMap((change) => change.removed),
    ].map((keys) => [...new Set(keys)].join(", "));
    return [
        { heading: `${counted(disks.length, "disk")} of cluster ${from} to take over into ${to}` },
        ...table(rows)
            .split("\n")
            .map((line) => `    ${line}`),
        ...(tagChanges.length > 0
            ? [
                  { heading: `tags of ${counted(tagChanges.length, "volume")}` },
                  `    set to those of ${to}: ${set}`,
                  `    removed: ${removed === "" ? "none" : removed}`,
              ]
            : []),
        ...warnings.map((line) => `warning: ${line}`),
    ];
}

/** How to remove from the former cluster what is left there of the disks. */
export function leftInFormerCluster(disks: readonly ExistingDisk[], { from, to }: Takeover): Line[] {
    if (from === to) {
        return [];
    }
    return [
        {
            heading: `in cluster ${from}, delete the claims and PersistentVolumes of these disks; their volumes stay:`,
        },
        ...disks.flatMap(({ claim }) =>
            claim ? [`    kubectl delete pvc ${claim.name} --namespace=${claim.namespace}`] : [],
        ),
        `    kubectl delete pv ${disks.map(({ name }) => name).join(" ")}`,
    ];
}
