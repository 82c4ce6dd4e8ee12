import type { Input } from "@pulumi/pulumi";

/** Which snapshot a disk is moved by. */
export const MoveFrom = {
    /** The newest complete snapshot that there is: what a zone that has failed leaves. */
    NewestSnapshot: "NewestSnapshot",
    /** One that is taken for the move. Refused while the volume is attached to an instance. */
    NewSnapshot: "NewSnapshot",
} as const;
/** One of the sources of a move. */
export type MoveFrom = (typeof MoveFrom)[keyof typeof MoveFrom];

/** Whether the volume that a disk was moved from stays. */
export const PreviousVolume = {
    /** It stays as it is, in EC2 and in the state. */
    Keep: "Keep",
    /** The stack lets go of it: what that means is for `deletionPolicy` and `protect` to say. */
    Release: "Release",
} as const;
/** One of the ways to go on with the previous volume. */
export type PreviousVolume = (typeof PreviousVolume)[keyof typeof PreviousVolume];

/** A disk's move to a new volume, made from a snapshot. */
export interface MoveArgs {
    /**
     * Availability zone of the new volume, by name or id.
     *
     * @default - the zone of the volume before, which makes it a restore in place
     */
    zone?: Input<string>;
    /**
     * Id of the snapshot to make the new volume from.
     *
     * @default - as `from` says
     */
    snapshotId?: Input<string>;
    /**
     * NewestSnapshot or NewSnapshot of the volume before. Without a snapshot the move is refused. Plain, since
     * it decides what is created.
     *
     * @default "NewestSnapshot"
     */
    from?: MoveFrom;
    /**
     * Keep or Release: what happens to the volume before. Plain, since it decides what is created.
     *
     * @default "Keep"
     */
    previous?: PreviousVolume;
    /**
     * Whether the new volume is encrypted: only true, since EC2 makes no unencrypted volume from an encrypted one's
     * snapshot. Counts for later moves too.
     *
     * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html (read on 2026-11-27)
     * @default - as the volume before, or true with `kmsKeyId`
     */
    encrypted?: Input<boolean>;
    /**
     * ARN of the KMS key to encrypt the new volume with. Counts for later moves too.
     *
     * @default - the key of the settings before, the storage's, or the account's default key for EBS
     */
    kmsKeyId?: Input<string>;
}
