// Not the packages' own entries: those load every service there is, which takes 20 MB and 0.15 s.
import * as dlm from "@pulumi/aws/dlm";
import * as ebs from "@pulumi/aws/ebs";
import * as core from "@pulumi/kubernetes/core/v1";
import * as storage from "@pulumi/kubernetes/storage/v1";
import { all, ComponentResource, log, output } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { checkActualSettings } from "./resources/actualSettings";
import { actualZone } from "./resources/actualZone";
import { DeletionPolicy } from "./args/deletionPolicy";
import type { VolumeRecord } from "./volumeRecord";
import type { ZonalPersistentStorageArgs } from "./args/storageArgs";
import type { BackupArgs } from "./args/backupArgs";
import { checkedArgs, checkKnownArgs } from "./validation/argsRules";
import { checkCopies } from "./validation/backupRules";
import { backupPolicy } from "./resources/lifecyclePolicy";
import { checkObjects } from "./validation/clusterObjects";
import {
    dynamicStorageClassManifest,
    persistentVolumeManifest,
    claimManifest,
    storageClassManifest,
} from "./resources/manifests";
import type { Volume } from "./resources/manifests";
import { snapshotDescription } from "./history/continuity";
import { detached, newestSnapshot } from "./lookups/moveSources";
import { MoveFrom } from "./args/moveArgs";
import { allNames, formerNames } from "./engine/formerNames";
import type { FormerNames } from "./engine/formerNames";
import { guardsOf, objectGuards } from "./engine/volumeHooks";
import { findVolumes } from "./lookups/existingVolumes";
import type { ExistingVolumes } from "./lookups/existingVolumes";
import { warningOfZones } from "./lookups/nodeCounts";
import { disksOf } from "./plan/disks";
import type { Disk, Generation } from "./plan/disks";
import { asUserError } from "./validation/problems";
import { past } from "./history/past";
import type { Past } from "./history/past";
import { whenKnown } from "./validation/secrets";
import { secretOutputs, settledOnceCreated, ebsVolumeArgs } from "./resources/ebsVolume";
import type { Origin } from "./resources/ebsVolume";
import { findZones } from "./lookups/zones";
import type { Zones } from "./lookups/zones";
import { reservation, reservationPath } from "./resources/reservation";

/** A large volume's first snapshot takes hours; the provider's own patience is ten minutes. */
const snapshotTimeout = "24h";

const componentType = "zonal-persistent-storage:index:ZonalPersistentStorage";

/** Not a property: the schema for other languages would take it for an output. */
const formerNamesOf = new WeakMap<object, FormerNames>();

/** A component's past, by the stack's state. */
const pastOf = new WeakMap<object, Output<Past>>();

/** What doesn't come. */
const never = new Promise<never>(() => undefined);

/**
 * EBS volumes in the availability zones of a Kubernetes cluster's nodes, and a PersistentVolume for each.
 *
 * Volumes are numbered by ordinal, like the pods of a StatefulSet. A volume's zone is chosen once, when it
 * is created; nodes that come, go or move never touch a volume.
 *
 * @example
 * ```typescript
 * const storage = new ZonalPersistentStorage("jenkins", {
 *     clusterName: "proyecto.k8s.local",
 *     count: 3,
 *     volume: { sizeGiB: 10 },
 * });
 * ```
 */
export class ZonalPersistentStorage extends ComponentResource {
    /** Availability zones for new volumes, sorted: those of the running nodes, or those given. */
    public readonly zones: Output<string[]>;
    /** Name of the StorageClass that claims have to name. */
    public readonly storageClassName: Output<string>;
    /** Zone of each ordinal's volume: what another storage has to be given to be in the same zones. */
    public readonly zoneByOrdinal: Output<Record<string, string>>;
    /** What was made of each ordinal, in order. */
    public readonly volumes: Output<VolumeRecord[]>;
    /** Id of the policy by which the volumes are backed up; empty without `backup`. */
    public readonly backupPolicyId: Output<string>;

    /**
     * @param name - Name of the component; the PersistentVolumes are called after it.
     * @param args - What to create.
     * @param opts - Options; `providers` decide on the AWS account and the cluster.
     * @throws RunError that lists everything that is wrong with the name and the args.
     */
    constructor(name: string, args: ZonalPersistentStorageArgs, opts?: ComponentResourceOptions) {
        super(componentType, name, checkedArgs(name, args), opts);
        checkObjects(name, args, this.getProvider("kubernetes:core/v1:PersistentVolume"));
        const former = formerNames(name, componentType, opts);
        formerNamesOf.set(this, former);
        const disks = disksOf(name, args);
        const components = allNames(name, this.urn, former);
        const zones = findZones(args, disks, { parent: this });
        this.zones = zones.names;
        this.storageClassName = output(args.storageClass?.name ?? name);

        // Everything waits for the class and the class for the answers, so that bad input, an AWS or a
        // cluster out of reach leave nothing half done.
        const existing = findVolumes(args, disks, components, { parent: this });
        const before = past(name, args, disks, components);
        pastOf.set(this, before);
        const checked = all([
            existing,
            before,
            this.zones,
            checkKnownArgs(name, args),
            checkCopies(name, args, zones.region),
        ]);
        const ready = this.ready(
            name,
            args,
            checked.apply(([{ failure }, { failure: loss }]) => {
                const failures = [failure, loss].filter((one) => one !== undefined);
                if (failures.length > 0) {
                    throw asUserError(failures.join("\n"));
                }
                return [];
            }),
        );
        const records = disks.map((disk) => {
            const volume =
                disk.volumeId === undefined
                    ? this.createdVolume(args, disk, zones, ready)
                    : this.existingVolume(disk, existing);
            this.persistentVolume(args, disk, volume, before, ready);
            return { ordinal: disk.ordinal, volume, persistentVolumeName: disk.persistentVolumeName };
        });
        if (args.dynamicStorageClass) {
            const manifest = dynamicStorageClassManifest(args, args.dynamicStorageClass, this.zones);
            new storage.StorageClass(`${name}-dynamic`, manifest, {
                ...this.objectOptions(`${name}-dynamic`),
                dependsOn: ready,
            });
        }

        const placed = records.map(({ ordinal, volume }) => output({ ordinal, zone: volume.zone }));
        whenKnown({ counts: zones.nodeCounts, disks: all(placed) }, ({ counts, disks }, hide) => {
            const warning = warningOfZones(counts, disks);
            return warning === undefined ? undefined : log.warn(hide(warning), this);
        });

        this.zoneByOrdinal = all(
            Object.fromEntries(records.map(({ ordinal, volume }) => [String(ordinal), volume.zone])),
        );
        this.volumes = all(
            records.map(({ ordinal, volume, persistentVolumeName }) => {
                const { zone, id: volumeId, snapshotId, keptIds: keptVolumeIds } = volume;
                return output({
                    ordinal,
                    zone,
                    volumeId,
                    persistentVolumeName,
                    snapshotId: output(snapshotId).apply((id) => id ?? ""),
                    keptVolumeIds,
                });
            }),
        );
        this.backupPolicyId = output(args.backup ? this.backUp(name, args, args.backup, ready).id : "");
        this.registerOutputs({
            zones: this.zones,
            storageClassName: this.storageClassName,
            zoneByOrdinal: this.zoneByOrdinal,
            volumes: this.volumes,
            backupPolicyId: this.backupPolicyId,
        });
    }

    private childOptions(logicalName: string) {
        return { parent: this, aliases: formerNamesOf.get(this)?.of(logicalName) };
    }

    /** Two objects of one name can't be: an interrupted replacement must not go on as if they could. */
    private objectOptions(logicalName: string) {
        return { ...this.childOptions(logicalName), deleteBeforeReplace: true, hooks: objectGuards() };
    }

    private backUp(
        name: string,
        args: ZonalPersistentStorageArgs,
        backup: BackupArgs,
        dependsOn: Resource,
    ): dlm.LifecyclePolicy {
        return new dlm.LifecyclePolicy(name, backupPolicy(name, args, backup), {
            ...this.childOptions(name),
            dependsOn,
        });
    }

    /** The first thing to need the cluster, before any volume is created: the class, if it is ours. */
    private ready(name: string, args: ZonalPersistentStorageArgs, dependsOn: Output<Resource[]>): Resource {
        if (args.storageClass?.create === false) {
            // Another storage of the same update may be about to create the class; this namespace is always there.
            return core.Namespace.get(`${name}-cluster`, "default", { parent: this, dependsOn });
        }
        const opts = { ...this.objectOptions(name), dependsOn };
        return new storage.StorageClass(name, storageClassManifest(args, this.storageClassName), opts);
    }

    /** The volume that a disk is on, after those that it was on before and that are kept. */
    private createdVolume(
        args: ZonalPersistentStorageArgs,
        disk: Disk,
        zones: Zones,
        dependsOn: Resource,
    ): Volume {
        const volumes: ebs.Volume[] = [];
        for (const generation of disk.generations) {
            const { move } = generation;
            const previous = move?.hasPrevious ? volumes.at(-1) : undefined;
            const origin = move
                ? {
                      availabilityZone: this.zoneOfMove(move, previous, zones.of(disk.ordinal), zones),
                      snapshotId: this.snapshotOfMove(args, disk, generation, previous, dependsOn),
                  }
                : { availabilityZone: zones.of(disk.ordinal), snapshotId: disk.settings.snapshotId };
            volumes.push(this.volume(args, disk, generation, origin, dependsOn));
        }
        const current = volumes.at(-1) as ebs.Volume;
        const warn = (text: string) => void log.warn(text, this);
        return {
            id: current.id,
            zone: actualZone(args, current, disk, zones, warn),
            sizeGiB: disk.settings.sizeGiB,
            snapshotId: current.snapshotId,
            keptIds: volumes.slice(0, -1).map(({ id }) => id),
            checked: checkActualSettings(args, current, disk, warn),
        };
    }

    private volume(
        args: ZonalPersistentStorageArgs,
        disk: Disk,
        { logicalName, move, isKept }: Generation,
        origin: Origin,
        dependsOn: Resource,
    ): ebs.Volume {
        const policy = args.deletionPolicy ?? DeletionPolicy.Retain;
        return new ebs.Volume(logicalName, ebsVolumeArgs(args, disk, isKept, origin), {
            ...this.childOptions(logicalName),
            dependsOn,
            // Zone and region are decided once: nodes that come, go or move never touch a volume. Whoever asks for
            // something else that would take another volume is told so (see actualZone and actualSettings).
            ignoreChanges: settledOnceCreated(args, disk, isKept),
            protect: args.protect ?? true,
            retainOnDelete: policy === DeletionPolicy.Retain,
            hooks: guardsOf(move !== undefined),
            additionalSecretOutputs: secretOutputs(args, disk),
            // A last snapshot is part of the deletion.
            customTimeouts: policy === DeletionPolicy.Snapshot ? { delete: snapshotTimeout } : undefined,
        });
    }

    private zoneOfMove(
        { zone, property }: NonNullable<Generation["move"]>,
        previous: ebs.Volume | undefined,
        otherwise: Output<string>,
        zones: Zones,
    ): Output<string> {
        return zone === undefined
            ? (previous?.availabilityZone ?? otherwise)
            : zones.named(zone, `${property}.zone`);
    }

    /** The snapshot that a move is made from. Once the volume before is released, the state keeps it. */
    private snapshotOfMove(
        args: ZonalPersistentStorageArgs,
        disk: Disk,
        generation: Generation,
        previous: ebs.Volume | undefined,
        dependsOn: Resource,
    ): Input<string> | undefined {
        const { logicalName, move = { property: "", hasPrevious: false } } = generation;
        if (move.snapshotId !== undefined || previous === undefined) {
            return move.snapshotId;
        }
        const source = { id: previous.id, region: args.region };
        if (move.from !== MoveFrom.NewSnapshot) {
            return newestSnapshot(source, { parent: this });
        }
        const snapshot = new ebs.Snapshot(
            logicalName,
            {
                volumeId: detached(source, move.property, { parent: this }),
                region: args.region,
                tags: previous.tags.apply((tags) => tags ?? {}),
                description: pastOf
                    .get(this)
                    ?.apply(({ recorded }) => snapshotDescription(generation, recorded?.get(disk.ordinal))),
            },
            // It stays where it is: the data's past.
            {
                ...this.childOptions(logicalName),
                dependsOn,
                retainOnDelete: true,
                additionalSecretOutputs: secretOutputs(args, disk),
                ignoreChanges: ["tags"],
                customTimeouts: { create: snapshotTimeout },
            },
        );
        return snapshot.id;
    }

    /** A volume that isn't ours: read, never changed, never deleted. */
    private existingVolume({ ordinal }: Disk, existing: Output<ExistingVolumes>): Volume {
        const found = existing.apply(async ({ byOrdinal }) => {
            // Where it can't be used the update ends before anybody needs it (see ready).
            const volume = byOrdinal[ordinal] ?? (await never);
            volume.warnings.forEach((warning) => void log.warn(warning, this));
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

    /** The PersistentVolume of a disk and, where it is ours, its claim: destroy goes the other way round. */
    private persistentVolume(
        args: ZonalPersistentStorageArgs,
        disk: Disk,
        volume: Volume,
        before: Output<Past>,
        dependsOn: Resource,
    ): void {
        // What holds a claim or a PersistentVolume blocks its deletion: say so soon, not after ten minutes.
        const opts = { ...this.objectOptions(disk.logicalName), customTimeouts: { delete: "90s" } };
        const persistentVolume = new core.PersistentVolume(
            disk.logicalName,
            persistentVolumeManifest(
                args,
                this.storageClassName,
                disk,
                volume,
                reservation(args, disk, before),
            ),
            // A capacity raised together with the claim's request keeps the file system from growing.
            {
                ...opts,
                dependsOn: [dependsOn, volume.checked.apply(() => dependsOn)],
                ignoreChanges: ["spec.capacity"],
                replaceOnChanges: [reservationPath],
            },
        );
        if (args.claims?.create) {
            new core.PersistentVolumeClaim(
                disk.logicalName,
                claimManifest(args, this.storageClassName, disk, volume, persistentVolume),
                // It is bound at once, or never.
                { ...opts, customTimeouts: { create: "60s", delete: "90s" }, dependsOn: persistentVolume },
            );
        }
    }
}
