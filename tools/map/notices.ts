import { listNames } from "../doctor/finding";
import { compareNames } from "../inspect/order";
import type { Concern, Notice, Spread, Zone } from "./model";

/** Problems and uneven storages, the worst first. */
export function noticesOf(zones: readonly Zone[], storages: readonly Spread[]): Notice[] {
    const disks = zones.flatMap((zone) => zone.disks);
    const about = (kind: Concern, text: (names: string, are: string) => string): Notice[] => {
        const names = disks
            .filter(({ concerns }) => concerns.includes(kind))
            .map(({ name }) => name)
            .sort(compareNames);
        return names.length === 0
            ? []
            : [{ kind, what: text(listNames(names), names.length > 1 ? "are" : "is") }];
    };
    return [
        ...about("gone", (names) => `EC2 doesn't have the volume of ${names}`),
        ...about("error", (names) => `EC2 has given up the volume of ${names}: it is in state error`),
        ...zones.flatMap((zone) => stranded(zone)),
        ...about("failed", (names, are) => `PersistentVolume ${names} ${are} Failed`),
        ...about(
            "released",
            (names, are) =>
                `PersistentVolume ${names} ${are} Released: the claim was deleted, and a new one of that name would wait`,
        ),
        ...storages.filter(({ isUneven }) => isUneven).map(uneven),
    ];
}

function stranded({ name, disks }: Zone): Notice[] {
    const here = disks.filter(({ concerns }) => concerns.includes("noNode"));
    return here.length === 0
        ? []
        : [
              {
                  kind: "noNode",
                  what: `No ready, schedulable node is in ${name}: pods of ${listNames(here.map(({ name: disk }) => disk).sort(compareNames))} can't start`,
              },
          ];
}

function uneven({ storage, disks }: Spread): Notice {
    const counts = Object.entries(disks).map(([zone, count]) => `${count} in ${zone}`);
    return { kind: "uneven", what: `Storage ${storage} is spread unevenly: ${counts.join(", ")}` };
}
