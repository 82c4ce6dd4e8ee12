import type { Snapshot } from "@aws-sdk/client-ec2";
import { intervalOf } from "../inspect/backups";
import type { BackedUpDisk, Backup, Backups, CopyRule } from "../inspect/backups";
import { lookup } from "../inspect/lookup";
import { newestByVolume, startOf } from "../inspect/snapshots";
import { ownerTag, tagsOf } from "../inspect/tags";

const hour = 3_600_000;

/** By it Data Lifecycle Manager marks what it has made. */
const policyTag = "aws:dlm:lifecycle-policy-id";

/** The disks of a storage without a snapshot as new as its backup should have made: of the last two intervals. */
export function overdueDisks({ policy, disks }: Backup, { snapshots, at }: Backups): BackedUpDisk[] {
    const hours = intervalOf(policy);
    if (hours === undefined || !snapshots) {
        return [];
    }
    return disks.filter(({ volumeId, volume }) => {
        const newest = newestByVolume(snapshots).get(volumeId);
        const begun = Math.max(volume.CreateTime?.getTime() ?? 0, policy?.DateCreated?.getTime() ?? 0);
        return at.getTime() - (newest ? startOf(newest) : begun) > 2 * hours * hour;
    });
}

/** A snapshot without a copy in another region. */
export interface Uncopied {
    readonly disk: BackedUpDisk;
    readonly snapshot: Snapshot;
}

/** The disks' newest snapshots that a policy should have copied by now: within an interval. */
export function uncopied(
    { policyId, policy, disks }: Backup,
    { region, keepDays }: CopyRule,
    { snapshots, copies, at }: Backups,
): Uncopied[] {
    const [hours, there] = [intervalOf(policy), copies.get(region)];
    if (hours === undefined || !there) {
        return [];
    }
    // Before the last change of the policy, it may have had no such rule.
    const first = Math.max(policy?.DateModified?.getTime() ?? 0, at.getTime() - keepDays * 24 * hour);
    const last = at.getTime() - hours * hour;
    return disks.flatMap((disk) => {
        const [snapshot] = snapshotsOf(snapshots, disk.volumeId)
            .filter((one) => tagsOf(one)[policyTag] === policyId)
            .filter((one) => startOf(one) > first && startOf(one) < last)
            .sort((a, b) => startOf(b) - startOf(a));
        const owner = tagsOf(disk.volume)[ownerTag];
        const isCopied = (one: Snapshot) => startOf(one) >= startOf(snapshot ?? one);
        return snapshot && !copiesOf(there, owner).some(isCopied) ? [{ disk, snapshot }] : [];
    });
}

const snapshotsOf = lookup<Snapshot>(({ VolumeId }) => [VolumeId]);
const copiesOf = lookup<Snapshot>((copy) => [tagsOf(copy)[ownerTag]]);
