import type { Snapshot } from "@aws-sdk/client-ec2";
import { printable } from "../../components/validation/problems";
import { readAttachSlots } from "../inspect/attachSlots";
import type { AttachSlots } from "../inspect/attachSlots";
import { readBackups } from "../inspect/backups";
import type { Backups } from "../inspect/backups";
import type { Clients } from "../inspect/clients";
import { readCluster } from "../inspect/cluster";
import type { Cluster } from "../inspect/cluster";
import type { Ec2 } from "../inspect/ec2";
import { messageOf } from "../inspect/errors";
import { readAccount } from "../inspect/inventory";
import type { Target } from "../inspect/target";
import { volumeIdOf } from "../inspect/persistentVolumes";
import { readSnapshots } from "../inspect/snapshots";
import { readStackState } from "../inspect/stack";
import type { State } from "../inspect/state";

/** Data of a map. Sources that could not be read are undefined. */
export interface MapData {
    readonly state?: State;
    readonly cluster?: Cluster;
    readonly attachSlots?: readonly AttachSlots[];
    readonly ec2?: Ec2;
    /** Complete snapshots of the volumes, without those in the archive. */
    readonly snapshots?: readonly Snapshot[];
    readonly backups?: Backups;
    readonly clusterNames: readonly string[];
    /** Other regions with volumes of the stack, which are not on the map. */
    readonly elsewhere?: readonly string[];
    /** Sources that could not be read, and why. */
    readonly unseen: readonly string[];
    readonly at: Date;
}

/**
 * Reads the doctor's sources, and snapshots. A map needs the cluster or the state; all other sources are optional.
 *
 * @throws Error if neither can be read, or the state that the target names can't.
 */
export async function readMapData(clients: Clients, target: Target): Promise<MapData> {
    const unseen: string[] = [];
    const note = (line: string) => void unseen.push(line);
    const [cluster, all] = await Promise.all([
        readCluster(clients, note).catch((error: unknown) => note(messageOf(error))),
        readStackState(clients, target, note),
    ]);
    if (!cluster && !all) {
        throw new Error(
            [
                "a map needs the cluster or a stack's state, and could read neither:",
                ...unseen.map(printable),
            ].join("\n  - "),
        );
    }
    const attachSlots = cluster ? await readAttachSlots(clients, cluster, note) : undefined;
    const known = { cluster: cluster ?? { persistentVolumes: [] }, state: all };
    const { state, ec2, clusterNames, elsewhere } = await readAccount(clients, known, target, note);
    const ids = [
        ...(ec2?.volumes ?? []).flatMap(({ VolumeId }) => VolumeId ?? []),
        // Volumes that no longer exist may have snapshots.
        ...known.cluster.persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...(state?.volumes ?? []).map(({ volumeId }) => volumeId),
    ];
    const snapshots = ec2 && (await readSnapshots(clients, [...new Set(ids)], ec2.region, note));
    const backups = await readBackups(clients, { ec2, state }, snapshots, note);
    return {
        ...{ state, cluster: cluster ?? undefined, attachSlots, ec2, snapshots, backups },
        ...{ clusterNames, elsewhere, unseen, at: new Date() },
    };
}
