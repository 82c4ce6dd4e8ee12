/** Errors of the provider and of EC2, and the way out. */
const advices: readonly { readonly says: RegExp; readonly wayOut: string }[] = [
    {
        // terraform-provider-aws asks for it when nothing but finalSnapshot changes, and records that as done.
        says: /must specify at least one of|InvalidParameterCombination.*(size|type|iops)/i,
        wayOut:
            "the AWS provider has asked EC2 to modify nothing, as it does where deletionPolicy changes to or from Delete; " +
            "the new deletionPolicy is recorded all the same: run pulumi up again",
    },
    {
        says: /VolumeModificationRateExceeded/,
        wayOut:
            "EC2 modifies a volume at most four times in 24 hours: run pulumi up --refresh after that time, or take the " +
            "change back and run pulumi up --refresh at once",
    },
    {
        says: /IncorrectModificationState/,
        wayOut:
            "an earlier modification goes on, which can take hours: run pulumi up --refresh when " +
            "aws ec2 describe-volumes-modifications says completed",
    },
    {
        says: /\(vol-[0-9a-f]+\) create: .*(couldn't find|not found|unexpected state)/i,
        wayOut:
            "EC2 has removed the volume right after it was created, which it does where the KMS key can't be used: check " +
            "the key, and the rights to it that docs/permissions.md lists, then run pulumi refresh and pulumi up",
    },
    {
        says: /IncorrectState.*snap-|snap-[0-9a-f]+.*pending/i,
        wayOut: "the snapshot isn't complete yet: run pulumi up again when aws ec2 describe-snapshots says completed",
    },
    {
        says: /InvalidVolume\.NotFound|did not exist while updating/,
        wayOut:
            "EC2 has no such volume in this account and region. If both are right, somebody has deleted it: before " +
            "pulumi up --refresh makes an empty one, see whether a snapshot can be restored (overrides.<n>.moves)",
    },
    {
        says: /TagLimitExceeded/,
        wayOut:
            "EC2 takes 50 tags of a resource, of which the component sets up to 10: take some of volume.tags, of the " +
            "override's or of the provider's defaultTags away",
    },
    {
        says: /VolumeInUse/,
        wayOut: "the volume is attached to an instance: end the pods that use it, or detach it, and run the command again",
    },
];

/** The provider writes what it was to do into the state, done or not. */
const recordedAnyway =
    "the AWS provider has recorded this update as if it had been made: run pulumi up --refresh when AWS takes it";

/**
 * How to go on after an operation on a volume has failed.
 *
 * @param name - Name of the resource.
 * @param errors - The provider's own words.
 * @param operation - What has failed: create, update or delete.
 * @returns undefined where they say all that can be said.
 */
export function adviceOn(name: string, errors: readonly string[], operation?: string): string | undefined {
    const advice = advices.find(({ says }) => errors.some((error) => says.test(error)));
    const wayOut = advice?.wayOut ?? (operation === "update" ? recordedAnyway : undefined);
    return wayOut && `volume ${name}: ${wayOut}`;
}

/** How to go on after an operation on a backup policy has failed: without it, backups go on as they were, unnoticed. */
export function policyAdviceOn(name: string, operation?: string): string | undefined {
    return operation === "update" ? `backup policy ${name}: ${recordedAnyway}` : undefined;
}

/**
 * The JSON patch that frees a PersistentVolume for a new claim of the same name. It fails unless the PersistentVolume
 * has that phase: a claim that uses it would be Lost. A Failed one gets the reclaim policy Retain, since Kubernetes could
 * not do what its own one says.
 */
export function freeingPatch(phase: "Released" | "Failed"): string {
    const retain = { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" };
    const [test, ...removals] = freeingOperations(phase);
    return JSON.stringify([test, ...(phase === "Failed" ? [retain] : []), ...removals]);
}

/** The operations of {@link freeingPatch} on the claim's reference, after the test of the phase. */
export function freeingOperations(phase: "Released" | "Failed") {
    return [
        { op: "test" as const, path: "/status/phase", value: phase },
        ...["uid", "resourceVersion"].map((field) => ({
            op: "remove" as const,
            path: `/spec/claimRef/${field}`,
        })),
    ];
}

/** An object of the cluster with which an operation has failed. */
export interface FailedObject {
    readonly name: string;
    readonly errors: readonly string[];
    /** The settings that it was to get, of which a claim's name its PersistentVolume. */
    readonly newInputs?: { readonly spec?: { readonly volumeName?: string } };
}

/** How to go on after an operation on an object of the cluster has failed. */
export function objectAdviceOn({ name, errors, newInputs }: FailedObject): string | undefined {
    const isSaid = (pattern: RegExp) => errors.some((error) => pattern.test(error));
    if (isSaid(/already exists/)) {
        return `${name}: an update whose answer was lost may have made it: npx zonal-persistent-storage recover takes over what is this stack's own`;
    }
    const persistentVolume = newInputs?.spec?.volumeName;
    return persistentVolume === undefined || !isSaid(/timed out/)
        ? undefined
        : `claim ${name}: if PersistentVolume ${persistentVolume} is Released (kubectl get pv/${persistentVolume}), it is ` +
              "kept for a claim that was deleted, and free for the new one after " +
              `kubectl patch pv/${persistentVolume} --type=json --patch='${freeingPatch("Released")}'; then run pulumi up again`;
}
