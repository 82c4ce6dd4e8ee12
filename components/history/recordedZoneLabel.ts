import type { Output } from "@pulumi/pulumi";
import { CsiDriver, ZoneLabel } from "../args/persistentVolumeArgs";
import type { PersistentVolumeArgs } from "../args/persistentVolumeArgs";
import { zoneLabel } from "../plan/zoneLabels";
import type { Past } from "./past";
import type { RecordedDisks } from "./recordedDisks";

/**
 * The label by which PersistentVolumes name their zone. A storage of an earlier version for Auto Mode has another one,
 * which stays until the user gives one: it can't be changed in place. So it does where the state can't be read.
 */
export function zoneLabelOf(
    { csiDriver, zoneLabel: given }: PersistentVolumeArgs = {},
    past: Output<Past>,
): ZoneLabel | Output<ZoneLabel> {
    if (given !== undefined || csiDriver !== CsiDriver.eksAutoMode) {
        return given ?? zoneLabel;
    }
    return past.apply(({ recorded }) => recordedZoneLabel(recorded));
}

function recordedZoneLabel(recorded: RecordedDisks | undefined): ZoneLabel {
    const isEarlier =
        recorded === undefined ||
        [...recorded.values()].some(({ persistentVolume }) => persistentVolume?.hasAutoModeLabel);
    return isEarlier ? ZoneLabel.eksAutoMode : zoneLabel;
}
