import type { Input } from "@pulumi/pulumi";

/** Copies of a storage's snapshots in another region. */
export interface BackupCopyArgs {
    /** The other region. */
    region: Input<string>;
    /** Days that a copy is kept for, a whole number of at least 1. */
    keepDays: Input<number>;
    /**
     * ARN of a KMS key of the other region.
     *
     * @default - the other region's default key for EBS
     */
    kmsKeyId?: Input<string>;
}

/**
 * Snapshots of a storage's volumes, which Amazon Data Lifecycle Manager takes and deletes. It goes by a tag
 * that the volumes get, so that new volumes are covered and those that a disk was moved from aren't any more.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-ami-policy.html
 */
export interface BackupArgs {
    /**
     * ARN of the role that Data Lifecycle Manager takes on. `aws dlm create-default-role` makes
     * AWSDataLifecycleManagerDefaultRole, which will do.
     */
    roleArn: Input<string>;
    /**
     * Hours between snapshots: 1, 2, 3, 4, 6, 8, 12 or 24 (API_CreateRule, read on 2026-11-27).
     *
     * @default 24
     */
    intervalHours?: Input<number>;
    /**
     * Time of day of the first one, hh:mm in UTC. It begins within the hour that follows.
     *
     * @default "03:00"
     */
    startTime?: Input<string>;
    /**
     * How many snapshots of each volume are kept, 1 to 1,000 (API_RetainRule, read on 2026-11-27).
     *
     * @default 7
     */
    keep?: Input<number>;
    /**
     * Copies in other regions, at most three (API_Schedule, read on 2026-11-27). They are encrypted.
     *
     * @default - none
     */
    copies?: Input<Input<BackupCopyArgs>[]>;
    /** Tags of the snapshots beside those of their volumes. */
    tags?: Input<Record<string, Input<string>>>;
}
