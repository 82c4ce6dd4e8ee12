import * as ebs from "@pulumi/aws/ebs";
import { all, log, output, runtime } from "@pulumi/pulumi";
import type { CustomResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { DeletionPolicy } from "../args/deletionPolicy";
import { MoveFrom } from "../args/moveArgs";
import { volumeHooks } from "../engine/hooks";
import { withoutDependencies } from "../engine/withoutDependencies";
import { snapshotDescription } from "../history/moveRules";
import type { Past } from "../history/past";
import type { ExistingVolumes } from "../lookups/existingVolumes";
import { detached, newestSnapshot, sizeWith } from "../lookups/moveSources";
import { copyEncryption } from "../lookups/copySources";
import type { CopySource, CopySources } from "../lookups/copySources";
import type { SourceSnapshots } from "../lookups/sourceSnapshots";
import type { Zones } from "../lookups/zones";
import type { Disk, Generation } from "../plan/disks";
import { isManagedByCluster } from "../plan/volumeSettings";
import type { VolumeOutputs } from "../schema/volumeTable";
import { checkActualSettings } from "./actualSettings";
import { actualZone } from "./actualZone";
import {
    ebsVolumeArgs,
    encryption,
    secretOutputs,
    settledOnceCreated,
    tagsOf,
    volumeCopyArgs,
} from "./ebsVolumeArgs";
import type { Origin } from "./ebsVolumeArgs";
import type { Volume } from "./manifests";
import { childOptions } from "./storageContext";
import type { StorageContext } from "./storageContext";
import { idOf } from "./volumeId";

/** A large volume's first snapshot takes hours; the provider itself waits for ten minutes. */
const snapshotTimeout = "24h";

/** The wait for the copies before. The provider itself waits for five minutes. */
const copyTimeout = "24h";

/** Answers from EC2 and the stack's state that new volumes are made by. */
export interface Found {
    readonly zones: Zones;
    /** Undefined where volumes don't start from another storage's snapshots. */
    readonly snapshots: Output<SourceSnapshots> | undefined;
    readonly copied: Output<CopySources>;
    readonly past: Output<Past>;
}

/** The volume that a disk is on, after those that it was on before and that are kept. */
export function createVolume(storage: StorageContext, disk: Disk, found: Found, dependsOn: Resource): Volume {
    const { args, component } = storage;
    const create = (generation: Generation, previous: MadeVolume | undefined, isKept: boolean) => {
        const options = volumeOptions(storage, disk, generation, isKept, dependsOn);
        if (generation.isCopy) {
            const source = found.copied.apply(({ byOrdinal }) => byOrdinal[disk.ordinal]);
            return createCopy(storage, disk, generation, source, isKept, options);
        }
        const origin = originOf(storage, disk, generation, previous, found, dependsOn);
        return new ebs.Volume(
            generation.logicalName,
            ebsVolumeArgs(args, disk, generation, isKept, origin),
            options,
        );
    };
    const kept: MadeVolume[] = [];
    for (const generation of disk.former) {
        kept.push(create(generation, kept.at(-1), true));
    }
    const current = create(disk.current, kept.at(-1), false);
    const warn = (text: string) => void log.warn(text, component);
    return {
        id: idOf(current, disk.current.logicalName),
        zone: actualZone(args, current, disk, found.zones, warn),
        sizeGiB: isManagedByCluster(args, "size") ? current.size : disk.current.settings.sizeGiB,
        snapshotId: current.snapshotId?.apply((id) => id ?? "") ?? output(""),
        keptIds: kept.map(({ id }) => id),
        checked: checkActualSettings(args, current, disk, warn),
    };
}

/**
 * A volume that isn't the stack's own: read, never changed, never deleted.
 *
 * @param ready - Is there once nothing is wrong with the storage, and so with the volume.
 */
export function existingVolume(
    { component }: StorageContext,
    { ordinal }: Disk,
    existing: Output<ExistingVolumes>,
    ready: Resource,
): Volume {
    const found = all([existing, withoutDependencies(ready.urn)]).apply(([{ byOrdinal }]) => {
        const volume = byOrdinal[ordinal];
        if (!volume) {
            throw new RangeError(`there is no existing volume of ordinal ${ordinal}`);
        }
        volume.warnings.forEach((warning) => void log.warn(warning, component));
        return volume;
    });
    return {
        id: found.volumeId,
        zone: found.zone,
        sizeGiB: found.sizeGiB,
        snapshotId: found.snapshotId,
        keptIds: [],
        checked: output(undefined),
    };
}

/** A volume of either type of resource. */
type MadeVolume = Pick<ebs.Volume, "id" | "availabilityZone" | "region" | "size" | "tags" | "tagsAll"> &
    VolumeOutputs;

/** A volume that is a copy. Its zone is its source's, known before it is made. */
function createCopy(
    { args, component }: StorageContext,
    disk: Disk,
    generation: Generation,
    source: Output<CopySource | undefined>,
    isKept: boolean,
    options: CustomResourceOptions,
): MadeVolume {
    const sourceVolumeId = source.apply((known) => known?.volumeId ?? "");
    const made = new ebs.VolumeCopy(
        generation.logicalName,
        volumeCopyArgs(args, disk, generation, isKept, sourceVolumeId),
        // EC2 makes five copies at a time, and needs up to 6 hours for the first TiB of each.
        { ...options, customTimeouts: { create: copyTimeout } },
    );
    const { id, region, size, volumeType: type, iops, throughput, tags, tagsAll } = made;
    const availabilityZone = runtime.isDryRun()
        ? source.apply((known) => known?.zone ?? "")
        : made.availabilityZone;
    // The settings say nothing of the encryption of a kept one.
    const known = isKept ? undefined : copyEncryption(id, args.region, { parent: component });
    const encryption = known && { encrypted: known.encrypted, kmsKeyId: known.kmsKeyId };
    return { id, availabilityZone, region, size, type, iops, throughput, tags, tagsAll, ...encryption };
}

function volumeOptions(
    storage: StorageContext,
    disk: Disk,
    generation: Generation,
    isKept: boolean,
    dependsOn: Resource,
): CustomResourceOptions {
    const { args } = storage;
    const { logicalName, move } = generation;
    const policy = args.deletionPolicy ?? DeletionPolicy.Retain;
    return {
        ...childOptions(storage, logicalName),
        dependsOn,
        // Zone and region are decided once: nodes that come, go or move never touch a volume. Whoever asks for
        // something else that would take another volume is told so (see actualZone and actualSettings).
        ignoreChanges: settledOnceCreated(args, generation, isKept),
        protect: args.protect ?? true,
        retainOnDelete: policy === DeletionPolicy.Retain,
        hooks: volumeHooks(move !== undefined),
        additionalSecretOutputs: secretOutputs(args, disk),
        // A last snapshot is part of the deletion.
        customTimeouts: policy === DeletionPolicy.Snapshot ? { delete: snapshotTimeout } : undefined,
    };
}

/** Where a volume is made, and from which snapshot: as its move says, or by the disk's settings. */
function originOf(
    storage: StorageContext,
    disk: Disk,
    generation: Generation,
    previous: MadeVolume | undefined,
    { zones, snapshots, past }: Found,
    dependsOn: Resource,
): Origin {
    const { args, component } = storage;
    const { move, settings } = generation;
    const { sizeGiB } = settings;
    const zoneOfNew = zones.of(disk.ordinal);
    if (!move) {
        const source = snapshots?.apply(({ byOrdinal }) => byOrdinal[disk.ordinal] ?? "");
        const snapshotId =
            settings.snapshotId ?? (source && inRegion(storage, disk, generation, source, dependsOn));
        return { availabilityZone: zoneOfNew, snapshotId, sizeGiB };
    }
    const availabilityZone =
        move.zone === undefined ? (previous?.availabilityZone ?? zoneOfNew) : zones.named(move.zone);
    const isTaken = move.snapshotId === undefined && previous !== undefined;
    const snapshotId = isTaken
        ? snapshotOf(storage, disk, generation, move, previous, availabilityZone, past, dependsOn)
        : move.snapshotId;
    return {
        availabilityZone,
        snapshotId,
        sizeGiB: isManagedByCluster(args, "size")
            ? sizeWith(snapshotId, sizeGiB, args.region, { parent: component })
            : sizeGiB,
    };
}

/** The snapshot itself or, where it is in another region, its copy. */
function inRegion(
    storage: StorageContext,
    disk: Disk,
    { logicalName, settings }: Generation,
    snapshotId: Output<string>,
    dependsOn: Resource,
): Output<string> {
    const { args } = storage;
    const sourceRegion = args.volume.from?.region;
    if (sourceRegion === undefined) {
        return snapshotId;
    }
    const copy = new ebs.SnapshotCopy(
        logicalName,
        {
            sourceSnapshotId: snapshotId,
            sourceRegion,
            region: args.region,
            encrypted: encryption(settings.encrypted),
            kmsKeyId: settings.kmsKeyId,
            tags: tagsOf(args, disk, true),
        },
        {
            ...snapshotOptions(storage, disk, logicalName, dependsOn),
            // It is made once, from the snapshot that was the newest one then.
            ignoreChanges: ["sourceSnapshotId", "sourceRegion", "region", "encrypted", "kmsKeyId", "tags"],
        },
    );
    return copy.id;
}

/** Options of snapshots, which stay where they are: the data's past. */
function snapshotOptions(
    storage: StorageContext,
    disk: Disk,
    logicalName: string,
    dependsOn: Resource,
): CustomResourceOptions {
    return {
        ...childOptions(storage, logicalName),
        dependsOn,
        retainOnDelete: true,
        additionalSecretOutputs: secretOutputs(storage.args, disk),
        ignoreChanges: ["tags"],
        customTimeouts: { create: snapshotTimeout },
    };
}

/** The snapshot that a move is made from, of the volume before. Once that is released, the state keeps it. */
function snapshotOf(
    storage: StorageContext,
    disk: Disk,
    generation: Generation,
    { from, property }: NonNullable<Generation["move"]>,
    previous: MadeVolume,
    zone: Input<string>,
    past: Output<Past>,
    dependsOn: Resource,
): Input<string> {
    const { args, component } = storage;
    const source = { id: previous.id, region: args.region };
    if (from !== MoveFrom.NewSnapshot) {
        return newestSnapshot(source, { parent: component });
    }
    const { logicalName } = generation;
    const snapshot = new ebs.Snapshot(
        logicalName,
        {
            // Nothing is taken before the zone is known.
            volumeId: all([detached(source, property, { parent: component }), zone]).apply(([id]) => id),
            region: args.region,
            tags: previous.tags.apply((tags) => tags ?? {}),
            description: past.apply(({ recorded }) =>
                snapshotDescription(generation, recorded?.get(disk.ordinal)),
            ),
        },
        snapshotOptions(storage, disk, logicalName, dependsOn),
    );
    return snapshot.id;
}
