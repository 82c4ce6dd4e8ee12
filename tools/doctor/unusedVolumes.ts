import type { Volume } from "@aws-sdk/client-ec2";
import { volumesById } from "../inspect/ec2";
import type { Inventory } from "../inspect/inventory";
import { isBeingDeleted, isStatic, nameOf, volumeIdOf } from "../inspect/persistentVolumes";
import { ownerTag, tagsOf } from "../inspect/tags";
import { counted } from "../terminal/counted";
import type { Finding } from "./finding";
import { keptVolumes } from "./keptVolumes";
import { leftoverVolumes } from "./leftoverVolumes";
import { wrongPlaceFindings } from "./wrongPlace";

const dayMilliseconds = 24 * 3_600_000;

/** A disk may wait so many days for its claim before it counts as unused. */
const daysToWait = 7;

/** More volumes than these are only summed up. */
const listed = 20;

/** One note on all volumes that cost money and that nothing uses, with size and age: the oldest first. */
export function unusedVolumeNotes(inventory: Inventory, now: Date): Finding[] {
    const { ec2 } = inventory;
    if (!ec2 || wrongPlaceFindings(inventory).length > 0) {
        return [];
    }
    const daysOf = ({ CreateTime = now }: Volume) =>
        Math.floor((now.getTime() - CreateTime.getTime()) / dayMilliseconds);
    const volumes = volumesById(ec2);
    const all = [...whyUnused(inventory, (volume) => daysOf(volume) >= daysToWait)]
        .flatMap(([id, why]) => {
            const volume = volumes.get(id);
            return volume && !volume.Attachments?.length ? [{ id, why, volume, days: daysOf(volume) }] : [];
        })
        .sort((a, b) => b.days - a.days);
    const sizeOf = ({ Size = 0 }: Volume) => `${Size.toLocaleString("en")} GiB`;
    const sum = { Size: all.reduce((total, { volume }) => total + (volume.Size ?? 0), 0) };
    return all.length === 0
        ? []
        : [
              {
                  what: `${counted(all.length, "volume")} that nothing uses ${all.length === 1 ? "costs" : "cost"} money: ${sizeOf(sum)} in all`,
                  mend: [
                      ...all
                          .slice(0, listed)
                          .map(
                              ({ id, why, volume, days }) =>
                                  `${id}: ${sizeOf(volume)}, ${counted(days, "day")} old, ${why}`,
                          ),
                      ...(all.length > listed ? [`and ${all.length - listed} more`] : []),
                  ],
              },
          ];
}

/** Why each volume is unused, by its id. */
function whyUnused(inventory: Inventory, isOld: (volume: Volume) => boolean): Map<string, string> {
    const { cluster, ec2 } = inventory;
    const volumes = ec2 && volumesById(ec2);
    const waiting = cluster.persistentVolumes.flatMap((one): [string, string][] => {
        const volume = volumes?.get(volumeIdOf(one) ?? "");
        const phase = one.status?.phase;
        return volume?.VolumeId === undefined ||
            phase === "Bound" ||
            !isStatic(one) ||
            isBeingDeleted(one) ||
            !isOld(volume)
            ? []
            : [[volume.VolumeId, `PersistentVolume ${nameOf(one)} is ${phase}`]];
    });
    return new Map([
        ...waiting,
        ...keptVolumes(inventory).map(({ volume }): [string, string] => [
            volume.volumeId,
            `kept since ${volume.name} was moved`,
        ]),
        ...leftoverVolumes(inventory).map((volume): [string, string] => [
            volume.VolumeId ?? "",
            `made for ${tagsOf(volume)[ownerTag]}`,
        ]),
    ]);
}
