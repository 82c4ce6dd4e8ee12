import type { V1PersistentVolume } from "@kubernetes/client-node";
import { isSnapshotType, isVolumeType } from "../../components/engine/resourceTypes";
import { plannedSnapshot, plannedVolume } from "../engine/preview";
import type { PlannedSnapshot, PlannedVolume, Preview } from "../engine/preview";
import { stdoutOrThrow } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { describeVolumes, withEc2 } from "../inspect/ec2";
import { messageOf } from "../inspect/errors";
import { grouped } from "../inspect/grouped";
import { volumeIdOf } from "../inspect/persistentVolumes";
import { describeSnapshots } from "../inspect/snapshots";
import { regionOf } from "../inspect/stack";
import { ownerTag } from "../inspect/tags";
import type { Note } from "../inspect/target";
import { ownCommand } from "../terminal/ownCommand";
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

interface Sources {
    readonly stack: string;
    readonly state: RecoverState;
    /** Of the next update. */
    readonly preview: Preview;
}

/**
 * Looks for them in every region in which interrupted updates were creating volumes or snapshots.
 *
 * @param note - Receives a line for each source that could not be read.
 */
export async function findUnrecorded(
    pulumi: Pulumi,
    clients: Clients,
    { state, preview, stack }: Sources,
    persistentVolumes: readonly V1PersistentVolume[],
    note: Note,
): Promise<Unrecorded> {
    const goals = state.operations.filter(({ type }) => type === "creating").map(({ goal }) => goal);
    const volumes = goals.filter(({ type }) => isVolumeType(type)).map(plannedVolume);
    const snapshots = goals.filter(({ type }) => isSnapshotType(type)).map(plannedSnapshot);
    if (volumes.length === 0 && snapshots.length === 0) {
        return { takenBack: [], listed: [], leftSnapshots: [] };
    }
    const history = stdoutOrThrow(await pulumi.ask(["stack", "history", "--json", "--page-size", "100"]));
    const since = earliestCreation(history, state);
    const own = await regionOf(clients, state.state, { stack });
    const used = new Set([
        ...persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...state.volumes.values(),
    ]);
    const regionIn = (one: Pick<PlannedVolume, "region">) => one.region ?? own ?? "";
    // A region or a kind that can't be read hides nothing else.
    const made = grouped(volumes, regionIn).map(([region, interrupted]) =>
        withEc2(clients, region, async (client) => {
            const names = tagged(interrupted, "KubernetesCluster");
            return leftVolumes({
                interrupted,
                planned: preview.volumes.filter((one) => regionIn(one) === region),
                volumes: await describeVolumes(client, "tag:KubernetesCluster", names),
                used,
                urns: state.urns,
                since,
            });
        }).catch((error: unknown) => {
            note(`could not read EC2: ${messageOf(error)}; ${ownCommand("doctor")} lists leftover volumes`);
            return { takenBack: [], listed: [] };
        }),
    );
    const begun = grouped(snapshots, regionIn).map(([region, interrupted]) =>
        withEc2(clients, region, async (client) =>
            leftSnapshots({
                interrupted,
                snapshots: await describeSnapshots(client, `tag:${ownerTag}`, tagged(interrupted, ownerTag)),
                used: state.snapshots,
                since,
                region: await client.config.region(),
            }),
        ).catch((error: unknown) => {
            note(`could not read snapshots that the interrupted update may have begun: ${messageOf(error)}`);
            return [];
        }),
    );
    const left = await Promise.all(made);
    return {
        takenBack: left.flatMap(({ takenBack }) => takenBack),
        listed: left.flatMap(({ listed }) => listed),
        leftSnapshots: (await Promise.all(begun)).flat(),
    };
}

function tagged(some: readonly Pick<PlannedSnapshot, "tags">[], key: string): string[] {
    return [...new Set(some.flatMap(({ tags }) => tags[key] ?? []))];
}
