import type * as aws from "@pulumi/aws";
import * as dlm from "@pulumi/aws/dlm";
import { output } from "@pulumi/pulumi";
import type { Output, Resource } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { BackupArgs } from "../args/backupArgs";
import { policyHooks } from "../engine/hooks";
import { backupTag } from "../plan/tags";
import { childOptions } from "./storageContext";
import type { StorageContext } from "./storageContext";

/** Creates the policy where a backup is asked for. Returns its id; empty without one. */
export function createBackup(storage: StorageContext, dependsOn: Resource): Output<string> {
    const { name, args } = storage;
    if (!args.backup) {
        return output("");
    }
    const opts = { ...childOptions(storage, name), dependsOn, hooks: policyHooks() };
    return new dlm.LifecyclePolicy(name, backupPolicy(name, args, args.backup), opts).id;
}

/** The policy by which Data Lifecycle Manager takes and deletes snapshots of a storage's volumes. */
function backupPolicy(
    name: string,
    args: ZonalPersistentStorageArgs,
    backup: BackupArgs,
): aws.dlm.LifecyclePolicyArgs {
    const schedule = output(backup).apply((known) => ({
        name: "snapshots",
        createRule: {
            interval: known.intervalHours ?? 24,
            intervalUnit: "HOURS",
            times: known.startTime ?? "03:00",
        },
        retainRule: { count: known.keep ?? 7 },
        // Tags tell whose snapshot it is, and a volume made from it has to have them.
        copyTags: true,
        tagsToAdd: known.tags,
        crossRegionCopyRules: known.copies?.map(({ region, keepDays, kmsKeyId }) => ({
            target: region,
            encrypted: true,
            cmkArn: kmsKeyId,
            copyTags: true,
            retainRule: { interval: keepDays, intervalUnit: "DAYS" },
        })),
    }));
    return {
        description: output(args.clusterName).apply((cluster) => describe(name, cluster)),
        executionRoleArn: backup.roleArn,
        region: args.region,
        state: "ENABLED",
        // By it an IAM policy lets a cluster's role change its own policies and no other.
        tags: output(args.clusterName).apply((cluster) => ({ KubernetesCluster: cluster })),
        policyDetails: {
            resourceTypes: ["VOLUME"],
            targetTags: output(args.clusterName).apply((cluster) => backupTags(name, cluster)),
            schedules: [schedule],
        },
    };
}

/** The tag by which a storage's volumes are found: its own, whatever others are in the account. */
export function backupTags(name: string, clusterName: string): Record<string, string> {
    return { [backupTag]: `${clusterName}/${name}` };
}

/** Letters, digits, spaces, hyphens and underscores are all that it may have, 500 at most (API_LifecyclePolicy). */
function describe(name: string, cluster: string): string {
    return `snapshots of ${name} of ${cluster}`.replace(/[^0-9A-Za-z _-]/g, "-");
}
