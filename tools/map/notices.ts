import { listNames } from "../doctor/finding";
import { compareNames } from "../inspect/order";
import type { Concern, Notice, Spread, Zone, ZoneMap } from "./model";

/** Number of problems, as the doctor counts them. */
export function problemCount({ notices }: Pick<ZoneMap, "notices">): number {
    return notices.reduce((sum, { kind, count }) => sum + (kind === "uneven" ? 0 : count), 0);
}

/**
 * Problems and uneven storages, the worst first.
 *
 * @param wrongPlace - What the doctor says if nothing known is found. It then says nothing about single volumes.
 * @param attachSlots - What the doctor says of zones with more disks than attach slots.
 * @param backups - What the doctor says of backups.
 */
export function noticesOf(
    zones: readonly Zone[],
    storages: readonly Spread[],
    wrongPlace: readonly string[],
    attachSlots: readonly string[],
    backups: readonly string[],
): Notice[] {
    const disks = zones.flatMap((zone) => zone.disks);
    const about = (kind: Concern, text: (names: string, are: string) => string): Notice[] => {
        const names = disks
            .filter(({ concerns }) => concerns.includes(kind))
            .map(({ name }) => name)
            .sort(compareNames);
        return names.length === 0
            ? []
            : [
                  {
                      kind,
                      what: text(listNames(names), names.length > 1 ? "are" : "is"),
                      count: names.length,
                  },
              ];
    };
    return [
        ...wrongPlace.map((what) => ({ kind: "wrongPlace" as const, what, count: 1 })),
        ...(wrongPlace.length > 0
            ? []
            : [
                  ...about("gone", (names) => `EC2 doesn't have the volume of ${names}`),
                  ...about(
                      "error",
                      (names) => `EC2 has given up the volume of ${names}: it is in state error`,
                  ),
              ]),
        ...zones.flatMap((zone) => stranded(zone)),
        ...attachSlots.map((what) => ({ kind: "attachSlots" as const, what, count: 1 })),
        ...about("failed", (names, are) => `PersistentVolume ${names} ${are} Failed`),
        ...about(
            "released",
            (names, are) =>
                `PersistentVolume ${names} ${are} Released: the claim was deleted, and a new one of that name would wait`,
        ),
        ...(wrongPlace.length > 0 ? [] : backups).map((what) => ({
            kind: "backup" as const,
            what,
            count: 1,
        })),
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
                  count: 1,
              },
          ];
}

function uneven({ storage, disks }: Spread): Notice {
    const counts = Object.entries(disks).map(([zone, count]) => `${count} in ${zone}`);
    const what = `Storage ${storage} is spread unevenly: ${counts.join(", ")}`;
    return { kind: "uneven", what, count: 1 };
}
