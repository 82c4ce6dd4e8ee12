import type { Volume } from "@aws-sdk/client-ec2";
import { backupTag } from "../../components/plan/tags";
import { copyRulesOf, intervalOf } from "../inspect/backups";
import type { BackedUpDisk, Backup, Backups, CopyRule } from "../inspect/backups";
import type { Ec2 } from "../inspect/ec2";
import type { Inventory } from "../inspect/inventory";
import { newestByVolume } from "../inspect/snapshots";
import { ownerTag, tagsOf } from "../inspect/tags";
import { sh, shorthand } from "../terminal/shell";
import { overdueDisks, uncopied } from "./backupAge";
import type { Uncopied } from "./backupAge";
import { listNames } from "./finding";
import type { Finding } from "./finding";
import { awsDlm, awsEc2 } from "./remedies";
import { minute } from "./times";

/** Backups that don't do what the storages' settings say. */
export function backupFindings({ ec2, backups }: Pick<Inventory, "ec2" | "backups">): Finding[] {
    return !ec2 || !backups
        ? []
        : backups.all.flatMap((backup) => [
              ...idlePolicy(backup, ec2),
              ...uncovered(backup, ec2),
              ...overdue(backup, backups, ec2),
              ...copyRulesOf(backup.policy).flatMap((rule) =>
                  missingCopies(backup, rule, uncopied(backup, rule, backups), ec2),
              ),
          ]);
}

/** A policy that takes no snapshots. Data Lifecycle Manager doesn't leave ERROR by itself. */
function idlePolicy({ policyId, policy, storage, disks }: Backup, ec2: Ec2): Finding[] {
    const which = `backup policy ${policyId} of storage ${storage}`;
    const idle = `nothing takes snapshots of ${named(disks)}`;
    if (!policy) {
        return [{ what: `${which} isn't there any more: ${idle}`, mend: ["pulumi refresh", "pulumi up"] }];
    }
    const { State, StatusMessage } = policy;
    const enable = awsDlm(sh`update-lifecycle-policy --policy-id=${policyId} --state=ENABLED`, ec2);
    if (State === "DISABLED") {
        return [{ what: `${which} is DISABLED: ${idle}`, mend: [enable] }];
    }
    return State !== "ERROR"
        ? []
        : [
              {
                  what: `${which} is in state ERROR (${StatusMessage ?? "without a reason"}): ${idle}`,
                  mend: [
                      "solve that first: most often its role lacks rights (docs/permissions.md, The role of the backups)",
                      enable,
                  ],
              },
          ];
}

/** Disks without the tag by which their storage's policy finds them. */
function uncovered({ policyId, policy, storage, disks }: Backup, ec2: Ec2): Finding[] {
    const targets = policy?.PolicyDetails?.TargetTags ?? [];
    const left = disks.filter(
        ({ volume }) => !targets.some(({ Key = "", Value }) => tagsOf(volume)[Key] === Value),
    );
    if (!policy || left.length === 0) {
        return [];
    }
    const tag = targets.find(({ Key }) => Key === backupTag);
    return [
        {
            what: `backup policy ${policyId} of storage ${storage} doesn't find ${named(left)}: their tags aren't those that it looks for`,
            mend: tag
                ? left.map(({ volumeId }) =>
                      awsEc2(
                          `${sh`create-tags --resources=${volumeId}`} --tags ${sh`Key=${shorthand(backupTag)},Value=${shorthand(tag.Value ?? "")}`}`,
                          ec2,
                      ),
                  )
                : ["pulumi up --refresh"],
        },
    ];
}

/** Disks whose newest snapshot is too old, whatever the reason. */
function overdue(backup: Backup, backups: Backups, ec2: Ec2): Finding[] {
    const { policyId, policy, storage } = backup;
    const disks = overdueDisks(backup, backups);
    if (disks.length === 0) {
        return [];
    }
    const hours = intervalOf(policy) ?? 0;
    const newest = newestByVolume(backups.snapshots ?? []);
    const ages = disks.map(({ name, volumeId }) => {
        const snapshot = newest.get(volumeId);
        return `${name} (${snapshot ? `the newest is of ${minute(snapshot.StartTime)}` : "none at all"})`;
    });
    return [
        {
            what: `storage ${storage} is backed up every ${hours} h, but for more than ${2 * hours} h there is no complete snapshot of ${listNames(ages)}`,
            mend: [
                "look why: docs/backups.md, When a backup fails",
                awsDlm(sh`get-lifecycle-policy --policy-id=${policyId}`, ec2),
                "for a snapshot at once, which Data Lifecycle Manager won't delete",
                ...disks.map(({ volumeId, volume }) =>
                    awsEc2(
                        sh`create-snapshot --volume-id=${volumeId} --tag-specifications=${snapshotTags(volume)}`,
                        ec2,
                    ),
                ),
            ],
        },
    ];
}

/** Snapshots that a policy should have copied to another region. */
function missingCopies(
    { storage }: Backup,
    { region, keyArn }: CopyRule,
    missing: readonly Uncopied[],
    ec2: Ec2,
): Finding[] {
    const key = keyArn === undefined ? "" : sh` --kms-key-id=${keyArn}`;
    return missing.length === 0
        ? []
        : [
              {
                  what: `snapshots of storage ${storage} aren't copied to ${region}: ${listNames(missing.map(({ disk, snapshot }) => `${snapshot.SnapshotId} of ${disk.name} (${minute(snapshot.StartTime)})`))}`,
                  mend: [
                      "look why: its role must be able to use the keys of both regions (docs/permissions.md, The role of the backups)",
                      "for a copy at once, which Data Lifecycle Manager won't delete",
                      ...missing.map(({ disk, snapshot }) =>
                          awsEc2(
                              sh`copy-snapshot --source-region=${ec2.region} --source-snapshot-id=${snapshot.SnapshotId} --encrypted --tag-specifications=${snapshotTags(disk.volume)}` +
                                  key,
                              { ...ec2, region },
                          ),
                      ),
                  ],
              },
          ];
}

/** Tags by which a disk's snapshots are found, and IAM policies allow their use. As JSON: values may have commas. */
function snapshotTags(volume: Volume): string {
    const tags = tagsOf(volume);
    const Tags = ["KubernetesCluster", ownerTag, backupTag].flatMap((Key) =>
        tags[Key] === undefined ? [] : [{ Key, Value: tags[Key] }],
    );
    return JSON.stringify([{ ResourceType: "snapshot", Tags }]);
}

function named(disks: readonly BackedUpDisk[]): string {
    return `PersistentVolume ${listNames(disks.map(({ name }) => name))}`;
}
