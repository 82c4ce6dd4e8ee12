import type { Volume } from "@aws-sdk/client-ec2";
import { volumeTags } from "../../components/plan/tags";
import { otherClusters } from "./foreignVolumes";
import { awsEc2, importVolume } from "./remedies";
import { ownerTag, tagsOf } from "../inspect/tags";
import { persistentVolumesNamed, volumeIdOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { Ec2 } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { sh } from "../terminal/shell";
import { isMadeAsCopy, ordinalOf } from "../inspect/state";
import type { State } from "../inspect/state";
import { prefixOf, stateVolumesFor, storageFor } from "../inspect/stateLookups";

/** Volumes with the component's tags that neither the state nor a PersistentVolume names. */
export function leftoverFindings(inventory: Inventory): Finding[] {
    const { cluster, ec2, state } = inventory;
    if (!ec2) {
        return [];
    }
    const isMoved = (owner: string) =>
        stateVolumesFor(state?.volumes, owner).some(({ name }) => /-\d+-moved-\d+$/.test(name));
    const inUse = (owner: string) =>
        persistentVolumesNamed(cluster.persistentVolumes, owner).map(volumeIdOf)[0] ??
        stateVolumesFor(state?.volumes, owner)[0]?.volumeId;
    return leftoverVolumes(inventory).map((volume) => {
        const owner = tagsOf(volume)[ownerTag] ?? "";
        const other = inUse(owner);
        return {
            what: describe(
                volume,
                owner,
                { other, isMoved: isMoved(owner) },
                `context ${cluster.context}`,
                state,
            ),
            mend: [
                ...(other === undefined
                    ? takeBack(volume, owner, state)
                    : [
                          `look at both first; if it holds something, give it an ordinal without a volume (overrides.<ordinal>.volumeId: ${volume.VolumeId})`,
                      ]),
                ...remove(volume, ec2),
            ],
        };
    });
}

/** The volumes themselves. */
export function leftoverVolumes({ cluster, ec2, state, clusterNames }: Inventory): Volume[] {
    const known = new Set([
        ...cluster.persistentVolumes.map(volumeIdOf),
        ...(state?.volumes ?? []).map(({ volumeId }) => volumeId),
        ...(state?.persistentVolumes ?? []).map(({ volumeId }) => volumeId),
    ]);
    return [...(ec2 ? volumesById(ec2).values() : [])].filter(
        (volume) => isOurs(volume, clusterNames) && !known.has(volume.VolumeId),
    );
}

/** Whether a volume has the component's tags. Volumes created by the driver have a tag of its own. */
function isOurs(volume: Volume, clusterNames: readonly string[]): boolean {
    const { KubernetesCluster = "", CSIVolumeName, [ownerTag]: owner, ...others } = tagsOf(volume);
    const { "ebs.csi.aws.com/cluster": ours } = volumeTags(KubernetesCluster, "");
    return (
        clusterNames.includes(KubernetesCluster) &&
        otherClusters(volume, clusterNames).length === 0 &&
        CSIVolumeName === undefined &&
        // The component's names have this form; others can be anything.
        /^[a-z0-9][-a-z0-9]*-\d+$/.test(owner ?? "") &&
        others["ebs.csi.aws.com/cluster"] === ours
    );
}

function describe(
    volume: Volume,
    owner: string,
    { other, isMoved }: { readonly other: string | undefined; readonly isMoved: boolean },
    context: string,
    state: State | undefined,
): string {
    const { VolumeId, Size, AvailabilityZone, CreateTime, Attachments = [] } = volume;
    const attached = Attachments.map(({ InstanceId }) => `attached to ${InstanceId}`);
    const facts = [
        `${Size} GiB`,
        AvailabilityZone,
        `made on ${CreateTime?.toISOString().slice(0, 10)}`,
        ...attached,
    ];
    const unknown = state
        ? `neither the state of stack ${state.stack} nor a PersistentVolume of ${context} knows it`
        : `no PersistentVolume of ${context} knows it, and a stack's state wasn't there to ask`;
    const why =
        other === undefined
            ? "an interrupted pulumi up left it behind, or deletionPolicy Retain kept it"
            : isMoved
              ? `${owner} has volume ${other}, and its disk was moved, so most likely a move has released this one, or else an interrupted pulumi up left it behind`
              : `${owner} has volume ${other}, so a move keeps this one with its data in the state of another stack, or deletionPolicy Retain kept it when its storage or its ordinal was taken away, or an interrupted pulumi up left it behind`;
    return `volume ${VolumeId} (${facts.join(", ")}) was made for PersistentVolume ${owner}, but ${unknown}: ${why}`;
}

/** Steps of docs/volumes.md: first use it as an existing volume, then import it. */
function takeBack(volume: Volume, owner: string, state: State | undefined): string[] {
    const { VolumeId: volumeId = "" } = volume;
    const ordinal = ordinalOf(owner);
    const { stack = "<stack>", project = "<project>" } = state ?? {};
    const storage = storageFor(owner, state) ?? {
        name: prefixOf(owner),
        urn: `urn:pulumi:${stack}::${project}::zonal-persistent-storage:index:ZonalPersistentStorage::${prefixOf(owner)}`,
    };
    const isCopy = isMadeAsCopy(storage.urn, ordinal, state) ?? volume.SourceVolumeId !== undefined;
    return [
        `to use it again, set overrides.${ordinal}.volumeId of storage ${storage.name} to ${volumeId}, then`,
        "pulumi up",
        "to have it as the stack's own again after that",
        importVolume(storage, `${storage.name}-${ordinal}`, volumeId, isCopy),
        "remove the override, check that pulumi preview shows no replacement, then",
        "pulumi up",
    ];
}

/** Deletes the volume, unless it is attached. Offered last. */
function remove({ VolumeId, Attachments = [] }: Volume, ec2: Ec2): string[] {
    return Attachments.length > 0
        ? []
        : [
              "or, if no other stack has it and you know that nobody needs what is on it",
              awsEc2(sh`delete-volume --volume-id=${VolumeId}`, ec2),
          ];
}
