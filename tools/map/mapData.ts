import type { Snapshot } from "@aws-sdk/client-ec2";
import { printable } from "../../components/validation/problems";
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

/** Everything that a map is drawn from. What couldn't be looked at is undefined. */
export interface Sight {
    readonly state?: State;
    readonly cluster?: Cluster;
    readonly ec2?: Ec2;
    /** Complete snapshots of the volumes, without those in the archive. */
    readonly snapshots?: readonly Snapshot[];
    readonly clusterNames: readonly string[];
    /** What couldn't be looked at, and why. */
    readonly unseen: readonly string[];
    readonly at: Date;
}

/**
 * Reads what the doctor reads, and the snapshots. A map needs the cluster or the state, and is the better
 * the more of the rest is there.
 *
 * @throws Error if there is neither, or what the target names can't be read.
 */
export async function readSight(clients: Clients, target: Target): Promise<Sight> {
    const unseen: string[] = [];
    const note = (line: string) => void unseen.push(line);
    const [cluster, state] = await Promise.all([
        readCluster(clients, note).catch((error: unknown) => note(messageOf(error))),
        readStackState(clients, target, note),
    ]);
    if (!cluster && !state) {
        throw new Error(["there is nothing to draw a map of:", ...unseen.map(printable)].join("\n  - "));
    }
    const known = { cluster: cluster ?? { persistentVolumes: [] }, state };
    const { ec2, clusterNames } = await readAccount(clients, known, target, note);
    const ids = [
        ...(ec2?.volumes ?? []).flatMap(({ VolumeId }) => VolumeId ?? []),
        // A volume that is gone may have snapshots.
        ...known.cluster.persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...(state?.volumes ?? []).map(({ volumeId }) => volumeId),
    ];
    const snapshots = ec2 && (await readSnapshots(clients, [...new Set(ids)], ec2.region, note));
    return { state, cluster: cluster ?? undefined, ec2, snapshots, clusterNames, unseen, at: new Date() };
}
