/** Whether a volume stays that the program no longer asks for, on scale-down and on destroy. */
export const DeletionPolicy = {
    /** The volume stays in EC2 with its data and leaves the state. */
    Retain: "Retain",
    /** A last snapshot is taken and stays; the volume is deleted. */
    Snapshot: "Snapshot",
    /** The volume is deleted, and the data with it. */
    Delete: "Delete",
} as const;
/** One of the deletion policies. */
export type DeletionPolicy = (typeof DeletionPolicy)[keyof typeof DeletionPolicy];
