/** The disks of a stack and a cluster by zone: the content of a map, and the output of `--json`. */
export interface ZoneMap {
    readonly stack?: string;
    /** Names of the cluster in the tags of its volumes. */
    readonly clusters: readonly string[];
    readonly region?: string;
    /** Time of reading, in ISO 8601. */
    readonly lookedAt: string;
    /** The sources that could be read. */
    readonly sources: Sources;
    /** Sources that could not be read, and why. */
    readonly unseen: readonly string[];
    /** Other regions with volumes of the stack, which are not on the map. */
    readonly elsewhere?: readonly string[];
    /** Backups that could not be looked at. */
    readonly backupsNotLookedAt: readonly string[];
    /** Problems and uneven storages, the worst first. */
    readonly notices: readonly Notice[];
    /** Zones with disks or with nodes that take pods, by name. */
    readonly zones: readonly Zone[];
    /** Disks of each storage by zone. */
    readonly storages: readonly Spread[];
}

/** The sources that could be read. */
export interface Sources {
    readonly state: boolean;
    readonly cluster: boolean;
    readonly nodes: boolean;
    readonly attachSlots: boolean;
    readonly ec2: boolean;
    readonly snapshots: boolean;
}

/** A problem, or an uneven storage. */
export interface Notice {
    readonly kind: Concern | "wrongPlace" | "attachSlots" | "backup" | "uneven";
    readonly what: string;
    /** Number of problems, as the doctor counts them: a zone without nodes is one, each volume that is gone is one. */
    readonly count: number;
}

/** Problems of a disk, the worst first. */
export type Concern = "gone" | "error" | "noNode" | "failed" | "released";

/** A zone with its nodes and disks. */
export interface Zone {
    readonly name: string;
    /** Undefined if they could not be read. */
    readonly nodes?: readonly MapNode[];
    readonly disks: readonly MapDisk[];
    /** Number of pods on its nodes without a disk of the map, which would start elsewhere. */
    readonly otherPods: number;
}

/** A node of the cluster. */
export interface MapNode {
    readonly name: string;
    readonly instanceType?: string;
    /** Ready, schedulable, and not of the control plane. */
    readonly takesPods: boolean;
    /** Undefined if the EBS CSI driver doesn't tell. */
    readonly attachSlots?: SlotCount;
}

/** Slots for volumes of EBS. */
export interface SlotCount {
    readonly used: number;
    readonly free: number;
}

/** A disk: a volume with its PersistentVolume, claim and pods. */
export interface MapDisk {
    /** Name of its PersistentVolume, or of its resource in the program, or its volume's id. */
    readonly name: string;
    readonly volumeId?: string;
    /** Its storage; undefined for disks of no storage. */
    readonly storage?: string;
    readonly sizeGiB?: number;
    readonly type?: string;
    readonly isEncrypted?: boolean;
    /** Undefined for volumes that are not in the state. */
    readonly deletionPolicy?: string;
    readonly isProtected?: boolean;
    /** The volume that the disk was moved to, for a kept volume. */
    readonly movedTo?: string;
    /** Phase of its PersistentVolume, such as Bound; undefined if there is none. */
    readonly status?: string;
    readonly claim?: { readonly name: string; readonly isThere: boolean };
    readonly pods: readonly MapPod[];
    /** The newest complete one; null if there is none, undefined if unknown. */
    readonly snapshot?: MapSnapshot | null;
    readonly concerns: readonly Concern[];
}

/** A disk's newest complete snapshot. */
export interface MapSnapshot {
    readonly id: string;
    readonly at: string;
    /** Whether its storage's backup should have made a newer one. */
    readonly isOverdue?: boolean;
}

/** A pod that uses a disk. */
export interface MapPod {
    readonly name: string;
    readonly phase: string;
    readonly node?: string;
}

/** A storage's disks by zone. */
export interface Spread {
    /** Undefined for disks of no storage. */
    readonly storage?: string;
    /** Number of disks by zone. */
    readonly disks: Readonly<Record<string, number>>;
    /** Capacity of all its disks. Unknown sizes count as 0. */
    readonly sizeGiB: number;
    /** Whether the zones that it can use differ by more than one disk. */
    readonly isUneven: boolean;
}
