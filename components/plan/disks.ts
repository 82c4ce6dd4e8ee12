import type { Input } from "@pulumi/pulumi";
import { ordinalMark } from "../args/claimsArgs";
import { PreviousVolume } from "../args/moveArgs";
import type { MoveArgs } from "../args/moveArgs";
import type { OverrideArgs, VolumeArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { movedSettings, settingsOf } from "./volumeSettings";
import type { DiskSettings } from "./volumeSettings";

/** One ordinal of a storage: what is decided of it before anything is known of the account. */
export interface Disk {
    readonly ordinal: number;
    /** Name of the storage that it belongs to. */
    readonly storageName: string;
    /** Name of its resources in the program. */
    readonly logicalName: string;
    /** Name of its PersistentVolume in the cluster. */
    readonly persistentVolumeName: string;
    /** Whether its PersistentVolume was made by others and is as they made it. */
    readonly isAdopted: boolean;
    /** Name of the claim that it is for, if it is for one. */
    readonly claimName?: string;
    /** The zone that it is told to be in, if it is. */
    readonly zone?: Input<string>;
    /** The volume that exists already, if it does. */
    readonly volumeId?: Input<string>;
    /** The volumes that it was on and that are kept, the first one first. */
    readonly former: readonly Generation[];
    /** The volume that it is on, unless that exists already. */
    readonly current: Generation;
    /** Tags of its volume that the user gives: the storage's, and the ordinal's own on top. */
    readonly tags: readonly VolumeArgs["tags"][];
}

/** A volume that a disk is or was on. */
export interface Generation {
    /** Name of its resource in the program. */
    readonly logicalName: string;
    readonly settings: DiskSettings;
    /** Whether it is a copy of another volume: a resource of another type. */
    readonly isCopy?: boolean;
    /** The move that made it, with its place among the args; undefined for the first volume. */
    readonly move?: MoveArgs & { readonly property: string };
}

/** The disks of a storage, by ordinal. They depend on the name and the args alone. */
export function disksOf(name: string, args: ZonalPersistentStorageArgs): Disk[] {
    return ordinalsOf(args).map((ordinal) => {
        const override: OverrideArgs | undefined = args.overrides?.[ordinal];
        return {
            ordinal,
            storageName: name,
            logicalName: `${name}-${ordinal}`,
            persistentVolumeName:
                override?.persistentVolumeName ?? persistentVolumeName(name, args.persistentVolume, ordinal),
            isAdopted: override?.persistentVolumeName !== undefined && !override.moves?.length,
            claimName: claimName(args, ordinal),
            zone: override?.zone,
            volumeId: override?.volumeId,
            ...plannedGenerations(`${name}-${ordinal}`, `overrides.${ordinal}.moves`, args.volume, override),
            tags: [args.volume.tags, override?.tags],
        };
    });
}

/** A disk's first volume; undefined if the stack doesn't have it, or not any more. */
export function firstVolume({ volumeId, former, current }: Disk): Generation | undefined {
    const [first = current] = former;
    return volumeId === undefined && first.move === undefined ? first : undefined;
}

/** The volumes that a disk was on and that are kept, and the one that it is on, in order. */
export function generationsOf({ former, current }: Disk): Generation[] {
    return [...former, current];
}

function plannedGenerations(
    name: string,
    property: string,
    volume: VolumeArgs,
    override: OverrideArgs = {},
): Pick<Disk, "former" | "current"> {
    let former: Generation[] = [];
    let current: Generation = {
        logicalName: name,
        settings: settingsOf(volume, override),
        isCopy: isCopy(volume, override),
    };
    for (const [index, move] of (override.moves ?? []).entries()) {
        // To let go of a volume is to let go of those before it.
        former = move.previous === PreviousVolume.Release ? [] : [...former, current];
        current = {
            logicalName: `${name}-moved-${index + 1}`,
            settings: movedSettings(current.settings, move, volume),
            move: { ...move, property: `${property}.${index}` },
        };
    }
    return { former, current };
}

/** Whether an ordinal's first volume is a copy: a snapshot of its own is what it starts from instead. */
export function isCopy(
    { copyOf }: { readonly copyOf?: unknown },
    { sourceVolumeId, snapshotId }: { readonly sourceVolumeId?: unknown; readonly snapshotId?: unknown },
): boolean {
    return sourceVolumeId !== undefined || (copyOf !== undefined && snapshotId === undefined);
}

/** The ordinals of a storage, as a StatefulSet counts its pods. */
export function ordinalsOf({
    start = 0,
    count,
}: Pick<ZonalPersistentStorageArgs, "start" | "count">): number[] {
    return Array.from({ length: count }, (_, position) => start + position);
}

/** Name of an ordinal's claim: as a StatefulSet or the pattern calls it, or the one given. */
function claimName(
    { claims = {}, start = 0 }: Pick<ZonalPersistentStorageArgs, "claims" | "start">,
    ordinal: number,
): string | undefined {
    const { statefulSet, template, names, pattern } = claims;
    if (pattern !== undefined) {
        return pattern.replace(ordinalMark, String(ordinal));
    }
    return statefulSet === undefined ? names?.[ordinal - start] : `${template}-${statefulSet}-${ordinal}`;
}

/** Name of an ordinal's PersistentVolume. It depends on the storage and the ordinal alone. */
export function persistentVolumeName(
    name: string,
    { namePrefix = name, ordinalDigits = 1 }: ZonalPersistentStorageArgs["persistentVolume"] = {},
    ordinal: number,
): string {
    return `${namePrefix}-${String(ordinal).padStart(ordinalDigits, "0")}`;
}

/** An ordinal's PersistentVolume in another storage: its name, and what messages call it. */
export function persistentVolumeElsewhere(
    { cluster, storage }: { readonly cluster: string; readonly storage: string },
    { persistentVolume }: Pick<ZonalPersistentStorageArgs, "persistentVolume">,
    ordinal: number,
): { readonly name: string; readonly subject: string } {
    const name = persistentVolumeName(storage, { ...persistentVolume, namePrefix: storage }, ordinal);
    return { name, subject: `PersistentVolume ${name} of cluster ${cluster}` };
}
