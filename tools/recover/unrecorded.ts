import type { EC2Client } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import { isSnapshotType, isVolumeType } from "../../components/engine/resourceTypes";
import { plannedSnapshot, plannedVolume } from "../engine/preview";
import type { PlannedSnapshot, PlannedVolume, Preview } from "../engine/preview";
import { stdoutOrThrow } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { describeVolumes } from "../inspect/ec2";
import { volumeIdOf } from "../inspect/persistentVolumes";
import { describeSnapshots } from "../inspect/snapshots";
import { regionOf } from "../inspect/stack";
import { ownerTag } from "../inspect/tags";
import { leftSnapshots } from "./leftSnapshots";
import type { LeftSnapshot } from "./leftSnapshots";
import { leftVolumes } from "./leftVolumes";
import type { LeftVolume, RecoveredVolume } from "./leftVolumes";
import { earliestCreation } from "./recoverState";
import type { RecoverState } from "./recoverState";

/** Volumes and snapshots that interrupted updates have made in EC2 without recording them in the state. */
export interface Unrecorded {
    readonly takenBack: readonly RecoveredVolume[];
    readonly listed: readonly LeftVolume[];
    readonly leftSnapshots: readonly LeftSnapshot[];
}

/** None. */
export const nothingUnrecorded: Unrecorded = { takenBack: [], listed: [], leftSnapshots: [] };

interface Sources {
    readonly stack: string;
    readonly state: RecoverState;
    /** Of the next update. */
    readonly preview: Preview;
}

/** Looks for them in every region in which interrupted updates were creating volumes or snapshots. */
export async function findUnrecorded(
    pulumi: Pulumi,
    clients: Clients,
    { state, preview, stack }: Sources,
    persistentVolumes: readonly V1PersistentVolume[],
): Promise<Unrecorded> {
    const goals = state.operations.filter(({ type }) => type === "creating").map(({ goal }) => goal);
    const volumes = goals.filter(({ type }) => isVolumeType(type)).map(plannedVolume);
    const snapshots = goals.filter(({ type }) => isSnapshotType(type)).map(plannedSnapshot);
    if (volumes.length === 0 && snapshots.length === 0) {
        return nothingUnrecorded;
    }
    const history = stdoutOrThrow(await pulumi.ask(["stack", "history", "--json", "--page-size", "100"]));
    const since = earliestCreation(history, state);
    const own = await regionOf(clients, state.state, { stack });
    const used = new Set([
        ...persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...state.volumes.values(),
    ]);
    const readIn = async (client: EC2Client, region: string | undefined): Promise<Unrecorded> => {
        const here = <T extends Pick<PlannedVolume, "region">>(all: readonly T[]) =>
            all.filter((one) => (one.region ?? own) === region);
        const [made, begun] = [here(volumes), here(snapshots)];
        return {
            ...leftVolumes({
                interrupted: made,
                planned: here(preview.volumes),
                volumes: await describeVolumes(
                    client,
                    "tag:KubernetesCluster",
                    tagged(made, "KubernetesCluster"),
                ),
                used,
                urns: state.urns,
                since,
            }),
            leftSnapshots: leftSnapshots({
                interrupted: begun,
                snapshots: await describeSnapshots(client, `tag:${ownerTag}`, tagged(begun, ownerTag)),
                used: state.snapshots,
                since,
                region: await client.config.region(),
            }),
        };
    };
    const regions = new Set([...volumes, ...snapshots].map(({ region }) => region ?? own));
    const found = await Promise.all(
        [...regions].map(async (region) => {
            const client = clients.ec2(region);
            try {
                return await readIn(client, region);
            } finally {
                client.destroy();
            }
        }),
    );
    return {
        takenBack: found.flatMap(({ takenBack }) => takenBack),
        listed: found.flatMap(({ listed }) => listed),
        leftSnapshots: found.flatMap(({ leftSnapshots }) => leftSnapshots),
    };
}

function tagged(some: readonly Pick<PlannedSnapshot, "tags">[], key: string): string[] {
    return [...new Set(some.flatMap(({ tags }) => tags[key] ?? []))];
}
