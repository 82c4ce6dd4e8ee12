/** Where a stack's and a cluster's disks are: all that a map shows, and what `--json` prints. */
export interface ZoneMap {
    readonly stack?: string;
    /** Names of the cluster in the tags of its volumes. */
    readonly clusters: readonly string[];
    readonly region?: string;
    /** When it was looked at, as ISO 8601 has it. */
    readonly lookedAt: string;
    /** What was there to look at. */
    readonly sources: Sources;
    /** What couldn't be looked at, and why. */
    readonly unseen: readonly string[];
    /** What stands out, the worst first. */
    readonly notices: readonly Notice[];
    /** Zones with disks or with nodes that take pods, by name. */
    readonly zones: readonly Zone[];
    /** How each storage's disks are spread. */
    readonly storages: readonly Spread[];
}

/** What was there to look at. */
export interface Sources {
    readonly state: boolean;
    readonly cluster: boolean;
    readonly nodes: boolean;
    readonly ec2: boolean;
    readonly snapshots: boolean;
}

/** Something that stands out. */
export interface Notice {
    readonly kind: Concern | "uneven";
    readonly what: string;
}

/** What is wrong with a disk, the worst first. */
export type Concern = "gone" | "error" | "noNode" | "failed" | "released";

/** A zone, with all that is in it. */
export interface Zone {
    readonly name: string;
    /** Undefined if they couldn't be looked at. */
    readonly nodes?: readonly MapNode[];
    readonly disks: readonly MapDisk[];
    /** Pods on its nodes that have no disk of the map, and would be started elsewhere. */
    readonly otherPods: number;
}

/** A node of the cluster. */
export interface MapNode {
    readonly name: string;
    readonly instanceType?: string;
    /** Ready, schedulable, and not there for the control plane alone. */
    readonly takesPods: boolean;
}

/** A disk: a volume, and what Kubernetes has of it. */
export interface MapDisk {
    /** Name of its PersistentVolume, or else that of the resource in the program, or the volume's id. */
    readonly name: string;
    readonly volumeId?: string;
    /** The storage that it is a disk of; undefined for those that no storage made. */
    readonly storage?: string;
    readonly sizeGiB?: number;
    readonly type?: string;
    readonly isEncrypted?: boolean;
    /** Undefined for volumes that the state doesn't have. */
    readonly deletionPolicy?: string;
    readonly isProtected?: boolean;
    /** The volume that its disk was moved to, if it was, and this one is kept. */
    readonly movedTo?: string;
    /** Phase of its PersistentVolume, such as Bound; undefined if there is none. */
    readonly status?: string;
    readonly claim?: { readonly name: string; readonly isThere: boolean };
    readonly pods: readonly MapPod[];
    /** The newest complete one; null if there is none, undefined if it isn't known. */
    readonly snapshot?: { readonly id: string; readonly at: string } | null;
    readonly concerns: readonly Concern[];
}

/** A pod that uses a disk. */
export interface MapPod {
    readonly name: string;
    readonly phase: string;
    readonly node?: string;
}

/** How a storage's disks are spread. */
export interface Spread {
    /** Undefined for disks that no storage made. */
    readonly storage?: string;
    /** Number of disks by zone. */
    readonly disks: Readonly<Record<string, number>>;
    /** Whether a zone has at least two more than another one that could have them. */
    readonly isUneven: boolean;
}
