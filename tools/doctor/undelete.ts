import type { Ec2 } from "../inspect/ec2";
import type { Inventory } from "../inspect/inventory";
import type { Deleted } from "../inspect/recycleBin";
import { sh } from "../terminal/shell";
import { awsEc2 } from "./remedies";
import { day } from "./times";

/** The steps that bring back a volume that is missed; none if it isn't in the Recycle Bin. */
export function undelete(volumeId: string, inventory: Inventory): string[] {
    const { ec2 } = inventory;
    const volume = inRecycleBin(volumeId, inventory);
    return volume && ec2
        ? [
              `it lies in the Recycle Bin until ${day(volume.until)}: bring it back, with its id and all its data`,
              restore(volume, ec2),
          ]
        : [];
}

/** A volume in the Recycle Bin. */
export function inRecycleBin(volumeId: string, { recycleBin = [] }: Inventory): Deleted | undefined {
    return recycleBin.find(({ kind, id }) => kind === "volume" && id === volumeId);
}

/** The command that takes something out of the Recycle Bin. */
export function restore({ kind, id }: Deleted, ec2: Ec2): string {
    return kind === "volume"
        ? awsEc2(sh`restore-volume-from-recycle-bin --volume-id=${id}`, ec2)
        : awsEc2(sh`restore-snapshot-from-recycle-bin --snapshot-id=${id}`, ec2);
}
