import { all, ComponentResource, log, mergeOptions, output } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { isDeferred } from "./args/deferred";
import type { ZonalPersistentStorageArgs } from "./args/storageArgs";
import { allNames, formerNames } from "./engine/formerNames";
import { later } from "./engine/later";
import { storageType } from "./engine/resourceTypes";
import { warnOf } from "./engine/warnOf";
import { ifKnown, withoutDependencies } from "./engine/withoutDependencies";
import { pastOf } from "./history/past";
import { findCopySources } from "./lookups/copySources";
import { findVolumes } from "./lookups/existingVolumes";
import { findFormerVolumes } from "./lookups/formerVolumes";
import { checkMoves } from "./lookups/moveChecks";
import { warningOfZones } from "./lookups/nodeCounts";
import { findSourceSnapshots } from "./lookups/sourceSnapshots";
import { findZones } from "./lookups/zones";
import { disksOf } from "./plan/disks";
import { createVolume, existingVolume } from "./resources/diskVolume";
import { createBackup } from "./resources/lifecyclePolicy";
import { createPersistentVolume } from "./resources/persistentVolume";
import { createClass, createDynamicClass } from "./resources/storageClass";
import { checkedArgs, checkKnownArgs } from "./validation/argsRules";
import { checkRegions } from "./validation/regionRules";
import { checkObjects } from "./validation/clusterObjects";
import { failureIn, whenKnown } from "./validation/secrets";
import { knownFailures, passWithOthers } from "./validation/together";
import type { VolumeRecord } from "./volumeRecord";

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
    /** The disk of each ordinal, in order. */
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
        const checked = checkedArgs(name, args);
        const ready = later();
        super(storageType, name, checked, mergeOptions(opts, { dependsOn: ready.value }));
        checkObjects(name, checked, this.getProvider("kubernetes:core/v1:PersistentVolume"));
        const former = formerNames(name, storageType, opts);
        const storage = { name, args: checked, component: this, former };
        const disks = disksOf(name, checked);
        const names = allNames(name, storageType, former, opts);
        const zones = findZones(checked, disks, { parent: this });
        this.zones = zones.names;
        this.storageClassName = output(checked.storageClass?.name ?? name);

        // Everything waits for the component and the class, and the component for the answers, so that bad input, an AWS
        // or a cluster out of reach leave nothing half done. The engine forgets the outputs of a component that it updates.
        const existing = findVolumes(checked, disks, names, { parent: this });
        const past = pastOf(name, checked, disks, names, this);
        const snapshots = findSourceSnapshots(checked, disks, past, this);
        const copied = findCopySources(checked, disks, past, zones, this);
        const withoutZones = [existing, past, ...(snapshots ? [snapshots] : [])].map(failureIn);
        const failures = [
            ...zones.failures,
            checkRegions(checked, zones.region),
            ...withoutZones,
            failureIn(copied),
            checkMoves(name, checked, disks, past, zones, { parent: this }),
        ];
        // Told alone: the others may follow from it.
        const argsFailure = checkKnownArgs(name, checked);
        const own = all([ifKnown(argsFailure), knownFailures(name, failures)]).apply(([text, others]) =>
            text === undefined ? others : { texts: [text] },
        );
        // A storage that is given another's zones learns them only when that one has its disks.
        const early = isDeferred(checked.zoneByOrdinal) ? knownFailures(name, withoutZones) : own;
        const warned = findFormerVolumes(checked, disks, past, { parent: this }).apply((former) =>
            former.forEach((warning) => warnOf(this, warning)),
        );
        const passed = withoutDependencies(passWithOthers(own, early));
        ready.settle(all<unknown>([passed, warned, argsFailure, ...failures]).apply(() => []));
        const first = createClass(storage, this.storageClassName);
        const records = disks.map((disk) => {
            const volume =
                disk.volumeId === undefined
                    ? createVolume(storage, disk, { zones, snapshots, copied, past }, first)
                    : existingVolume(storage, disk, existing, first);
            createPersistentVolume(storage, this.storageClassName, disk, volume, past, first);
            return { ordinal: disk.ordinal, volume, persistentVolumeName: disk.persistentVolumeName };
        });
        createDynamicClass(storage, this.zones, past, first);

        this.zoneByOrdinal = output(
            Object.fromEntries(records.map(({ ordinal, volume }) => [String(ordinal), volume.zone])),
        );
        whenKnown({ counts: zones.nodeCounts, zones: this.zoneByOrdinal }, ({ counts, zones }, hide) => {
            const warning = warningOfZones(counts, zones);
            return warning === undefined ? undefined : log.warn(hide(warning), this);
        });
        this.volumes = output(
            records.map(({ ordinal, volume, persistentVolumeName }) => {
                const { zone, id: volumeId, snapshotId, keptIds: keptVolumeIds } = volume;
                return { ordinal, zone, volumeId, persistentVolumeName, snapshotId, keptVolumeIds };
            }),
        );
        this.backupPolicyId = createBackup(storage, first);
        this.registerOutputs({
            zones: this.zones,
            storageClassName: this.storageClassName,
            zoneByOrdinal: this.zoneByOrdinal,
            volumes: this.volumes,
            backupPolicyId: this.backupPolicyId,
            // For the next update, which the engine doesn't tell whether the volumes are protected.
            protect: checked.protect ?? true,
        });
    }
}
