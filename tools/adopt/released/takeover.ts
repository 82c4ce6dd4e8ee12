import type { Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "../../inspect/clients";
import { describeVolumes, withEc2 } from "../../inspect/ec2";
import { refuse } from "../../terminal/confirm";
import type { SettledSettings } from "../stackFile";
import { changeTags } from "./clusterTags";
import type { TagChange } from "./clusterTags";

/** The part of a plan that only a takeover from another cluster's stack has. */
export interface Takeover {
    /** Name of the cluster that the disks come from. */
    readonly from: string;
    /** Name of the cluster that they go to. */
    readonly to: string;
    readonly region: string;
    /** Names of the PersistentVolumes that this cluster doesn't have yet, and that `pulumi up` makes. */
    readonly absent: ReadonlySet<string>;
    readonly tagChanges: readonly TagChange[];
    /** Storages whose settings change once their disks are in the state. */
    readonly settled: ReadonlyMap<string, SettledSettings>;
    /** Lines for the user. */
    readonly warnings: readonly string[];
}

/** The attachments of volumes, a line for each. */
export function attachmentsOf(volumes: readonly Volume[]): string[] {
    return volumes.flatMap(({ VolumeId, Attachments = [] }) =>
        Attachments.map(
            ({ InstanceId, Device }) => `volume ${VolumeId} is attached to ${InstanceId} as ${Device}`,
        ),
    );
}

/** A refusal of volumes that are attached; undefined if none is. */
export function attachedProblem(attachments: readonly string[], from: string): string | undefined {
    return attachments.length === 0
        ? undefined
        : `pods of cluster ${from} still hold disks: end those pods, and wait until the volumes are detached\n${attachments.map((line) => `  ${line}`).join("\n")}`;
}

/**
 * Makes the volumes this cluster's.
 *
 * @throws Error if one that isn't here yet has been attached meanwhile.
 */
export async function takeVolumes(clients: Clients, takeover: Takeover): Promise<void> {
    const { region, from, tagChanges } = takeover;
    await withEc2(clients, region, async (client) => {
        const volumes = await describeVolumes(
            client,
            "volume-id",
            tagChanges.map(({ volumeId }) => volumeId),
        );
        refuse(attachedProblem(attachmentsOf(volumes), from));
        await changeTags(client, tagChanges);
    });
}
