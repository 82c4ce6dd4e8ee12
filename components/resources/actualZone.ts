import type { Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk } from "../plan/disks";
import { userError } from "../validation/problems";
import { whenKnown } from "../validation/secrets";
import type { Zones } from "../lookups/zones";

/** Zone and region of a volume, as EC2 has them. */
interface VolumeLocation {
    readonly availabilityZone: Output<string>;
    readonly region: Output<string>;
}

/**
 * The zone that a created volume really is in, which is not the requested one if that came too late: the volume stays
 * where it is.
 *
 * @param warn - Called with a warning of a volume that is elsewhere than its storage has it for new ones.
 * @throws RunError, in the output, if the args say of this very volume that it is elsewhere.
 */
export function actualZone(
    args: ZonalPersistentStorageArgs,
    volume: VolumeLocation,
    { ordinal, current }: Disk,
    zones: Zones,
    warn: (text: string) => void,
): Output<string> {
    // Only a region that is asked for is known in every preview.
    const regions = args.region === undefined ? [] : [args.region, volume.region];
    const move = current.move;
    const moved = move?.zone === undefined ? undefined : zones.named(move.zone);
    const values = { actual: volume.availabilityZone, requested: zones.requested, regions, movedTo: moved };
    return whenKnown(values, ({ actual, requested, regions: [region, where], movedTo }, hide) => {
        if (region !== where) {
            throw userError(`the volume of ordinal ${ordinal} exists in another region`, [
                `region must be ${where}, where the volume is and stays, or be left out, got "${region}"`,
            ]);
        }
        if (move && movedTo !== undefined && movedTo !== actual) {
            throw userError(`the volume of ${move.property} exists in another zone`, [
                `${move.property}.zone must be ${actual}, where the volume is and stays: add another move, got "${movedTo}"`,
            ]);
        }
        const request = requested[ordinal];
        if (!request || request.zone === actual) {
            return actual;
        }
        // An override of an ordinal holds until the disk is moved; the rest is for new volumes.
        if (!request.isOverride) {
            warn(
                hide(
                    `the volume of ordinal ${ordinal} is in ${actual} and stays there, not in ${request.zone} as zoneByOrdinal ` +
                        "has it: a pod that needs disks in both can't be scheduled",
                ),
            );
        } else if (!move) {
            throw userError(`the volume of ${request.property} exists in another zone`, [
                `${request.property} must be ${actual}, where the volume is and stays, or be left out, got "${request.zone}"`,
            ]);
        }
        return actual;
    });
}
