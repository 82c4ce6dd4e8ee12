import { otherClusters } from "./foreignVolumes";
import { awsEc2, endClaimOf, importVolume } from "./remedies";
import { undelete } from "./undelete";
import { isBeingDeleted, persistentVolumesNamed, volumeIdOf } from "../inspect/persistentVolumes";
import { grouped } from "../inspect/grouped";
import { listNames } from "./finding";
import { volumesById } from "../inspect/ec2";
import type { Ec2 } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { sh } from "../terminal/shell";
import { isMadeAsCopy, isOnNamedVolume } from "../inspect/state";
import type { Storage } from "../inspect/state";
import { ownCommand } from "../terminal/ownCommand";

/** A volume that a storage created and a PersistentVolume uses, but that the state no longer has. */
export interface LostVolume {
    readonly volumeId: string;
    readonly persistentVolumes: readonly string[];
    readonly ordinal: number;
    readonly storage: Storage;
    /** Name of its resource in the program. */
    readonly resourceName: string;
    /** Whether the program has it as a copy of another one. */
    readonly isCopy: boolean;
}

/** Volumes that the state has lost, found by other records of their disks in the state and the cluster. */
export function lostVolumes({ cluster, state }: Pick<Inventory, "cluster" | "state">): LostVolume[] {
    const known = new Set(state?.volumes.map(({ volumeId }) => volumeId));
    const live = cluster.persistentVolumes.filter((one) => !isBeingDeleted(one));
    const inState = (state?.persistentVolumes ?? []).flatMap((one) =>
        one.storage && one.ordinal !== undefined && one.volumeId !== undefined
            ? [{ name: one.name, volumeId: one.volumeId, ordinal: one.ordinal, storage: one.storage }]
            : [],
    );
    // A storage's outputs still list the volumes of its last update, even if the state has lost them since.
    const inOutputs = (state?.storages ?? []).flatMap((storage) =>
        storage.disks.flatMap(({ ordinal, volumeId, persistentVolumeName: name }) =>
            ordinal !== undefined && volumeId !== undefined && name !== undefined
                ? persistentVolumesNamed(live, name)
                      .filter((one) => volumeIdOf(one) === volumeId)
                      .map(() => ({ name, volumeId, ordinal, storage }))
                : [],
        ),
    );
    const disks = [...inState, ...inOutputs].filter(
        (disk) =>
            /^vol-\w+$/.test(disk.volumeId) &&
            !known.has(disk.volumeId) &&
            isOnNamedVolume(disk, state) === false,
    );
    return grouped(disks, ({ volumeId }) => volumeId).map(([volumeId, alike]) => {
        const [{ ordinal, storage }] = alike;
        const name = resourceName(storage, ordinal, state);
        return {
            volumeId,
            persistentVolumes: [...new Set(alike.map(({ name }) => name))],
            ordinal,
            storage: { name: storage.name, urn: storage.urn },
            resourceName: name,
            isCopy:
                name === `${storage.name}-${ordinal}` && isMadeAsCopy(storage.urn, ordinal, state) === true,
        };
    });
}

/** A volume missing in the state: the next update would create an empty one. */
export function lostVolumeFindings(inventory: Inventory): Finding[] {
    const exists = inventory.ec2 && volumesById(inventory.ec2);
    return lostVolumes(inventory).map((lost) => {
        const { volumeId, persistentVolumes } = lost;
        const disk = `volume ${volumeId} (PersistentVolume ${listNames(persistentVolumes)})`;
        const danger = "a pulumi up would make an EMPTY one in its place";
        if (!inventory.ec2 || !exists) {
            return {
                what: `the state of stack ${inventory.state?.stack} has lost ${disk}: ${danger}`,
                mend: [
                    sh`aws ec2 describe-volumes --volume-ids=${volumeId}`,
                    "if it is there,",
                    ...importIt(lost),
                    "if it isn't, restore it from a snapshot: docs/doctor.md, A volume that the state has lost",
                ],
            };
        }
        const volume = exists.get(volumeId);
        const back = undelete(volumeId, inventory);
        return volume
            ? {
                  what: `the state of stack ${inventory.state?.stack} has lost ${disk}, which is in EC2: ${danger}`,
                  // An import would give it this cluster's tags.
                  mend:
                      otherClusters(volume, inventory.clusterNames).length > 0
                          ? [
                                "by its tags it is another cluster's: see to that first, then",
                                ownCommand("doctor"),
                            ]
                          : importIt(lost),
              }
            : {
                  what: `the state of stack ${inventory.state?.stack} has lost ${disk}, and EC2 in ${inventory.ec2.region} doesn't have it: ${danger}`,
                  mend:
                      back.length > 0
                          ? [...back, "then", ...importIt(lost)]
                          : restoreIt(lost, inventory.ec2, inventory.cluster),
              };
    });
}

function importIt({ volumeId, storage, resourceName, isCopy }: LostVolume): string[] {
    return [
        importVolume(storage, resourceName, volumeId, isCopy),
        "check that pulumi preview creates or replaces no volume, then",
        "pulumi up",
    ];
}

function restoreIt(
    { volumeId, ordinal, storage, resourceName, persistentVolumes }: LostVolume,
    ec2: Ec2,
    cluster: Inventory["cluster"],
): string[] {
    const known = persistentVolumes.flatMap((name) =>
        persistentVolumesNamed(cluster.persistentVolumes, name),
    );
    const isMoved = resourceName !== `${storage.name}-${ordinal}`;
    return [
        awsEc2(sh`describe-snapshots --owner-ids self --filters Name=volume-id,Values=${volumeId}`, ec2),
        ...known.flatMap(endClaimOf),
        isMoved
            ? `restore first: add a move with its last snapshot, its zone and previous: Release to overrides.${ordinal}.moves of storage ${storage.name}, set overrides.${ordinal}.lostVolumeId to ${volumeId}, and only then`
            : `restore first: set overrides.${ordinal}.snapshotId of storage ${storage.name} to its last snapshot, overrides.${ordinal}.lostVolumeId to ${volumeId}, and only then`,
        "pulumi up",
        "without a snapshot nothing brings its data back, and pulumi up then makes an EMPTY volume",
    ];
}

function resourceName(storage: Storage, ordinal: number, state: Inventory["state"]): string {
    const overrides = state?.storages.find(({ urn }) => urn === storage.urn)?.overrides;
    const { moves } = overrides?.[ordinal] ?? { moves: 0 };
    return `${storage.name}-${ordinal}${moves === 0 ? "" : `-moved-${moves}`}`;
}
