import { AttachVolumeCommand, DetachVolumeCommand } from "@aws-sdk/client-ec2";
import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import type { Servers } from "../../../sandbox/servers";
import { until } from "../../../sandbox/until";
import { DiskCluster, timeoutSeconds } from "./diskCluster";

/**
 * Attaches the volume of each PersistentVolume to the instance of the node on which a pod uses it, and detaches volumes
 * that no pod uses, as Kubernetes' attach/detach controller, external-attacher and the EBS CSI driver do. The sandbox has
 * none of them: call it again after pods have stopped or moved.
 *
 * Each attached PersistentVolume gets the attacher's finalizer (pkg/controller/util.go of external-attacher e6106024,
 * read on 2026-11-27). VolumeAttachment objects aren't made.
 */
export async function attachVolumes(servers: Servers): Promise<void> {
    const cluster = new DiskCluster(servers);
    const { items } = await cluster.core.listPersistentVolume();
    const instanceOfClaim = await instancesOfClaims(cluster);
    const disks = items.map((persistentVolume) => {
        const { claimRef } = persistentVolume.spec ?? {};
        const instance = instanceOfClaim.get(`${claimRef?.namespace}/${claimRef?.name}`);
        return { persistentVolume, volumeId: volumeIdOf(persistentVolume), instance };
    });

    const attached = (await cluster.volumes()).filter(({ Attachments = [] }) => Attachments.length > 0);
    const instanceOf = new Map(
        attached.map(({ VolumeId = "", Attachments = [] }) => [VolumeId, Attachments[0]?.InstanceId]),
    );
    const changed = disks.filter(({ volumeId, instance }) => instanceOf.get(volumeId) !== instance);
    const toDetach = changed.filter(({ volumeId }) => instanceOf.has(volumeId));
    await Promise.all(
        toDetach.map(async ({ persistentVolume, volumeId: VolumeId }) => {
            await cluster.ec2.send(new DetachVolumeCommand({ VolumeId }));
            await setFinalizer(cluster, persistentVolume, false);
        }),
    );
    await inState(cluster, toDetach, "available");
    // Detached with their instance, when that was terminated.
    const alone = disks.filter(
        ({ volumeId, instance }) => instance === undefined && !instanceOf.has(volumeId),
    );
    await Promise.all(
        alone.map(async ({ persistentVolume }) =>
            persistentVolume.metadata?.finalizers?.some((one) => one.startsWith("external-attacher/"))
                ? setFinalizer(cluster, persistentVolume, false)
                : undefined,
        ),
    );

    const names = new DeviceNames(attached);
    const toAttach = changed.filter(({ instance }) => instance !== undefined);
    await Promise.all(
        toAttach.map(async ({ persistentVolume, volumeId: VolumeId, instance: InstanceId = "" }) => {
            await setFinalizer(cluster, persistentVolume, true);
            const Device = names.next(InstanceId);
            await cluster.ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }));
        }),
    );
    await inState(cluster, toAttach, "in-use");
}

/** EC2's id of a PersistentVolume's volume. */
export function volumeIdOf({ spec }: V1PersistentVolume): string {
    return spec?.csi?.volumeHandle ?? spec?.awsElasticBlockStore?.volumeID ?? "";
}

/** Ids of the instances on which pods use claims, by namespace and name of the claim. */
async function instancesOfClaims({ core }: DiskCluster): Promise<Map<string, string>> {
    const [pods, nodes] = await Promise.all([core.listPodForAllNamespaces(), core.listNode()]);
    const instances = new Map(
        nodes.items.map(({ metadata, spec }) => [metadata?.name, spec?.providerID?.split("/").at(-1)]),
    );
    return new Map(
        pods.items.flatMap(({ metadata, spec }) => {
            const instance = instances.get(spec?.nodeName);
            return instance === undefined
                ? []
                : (spec?.volumes ?? []).map(({ persistentVolumeClaim }): [string, string] => [
                      `${metadata?.namespace}/${persistentVolumeClaim?.claimName}`,
                      instance,
                  ]);
        }),
    );
}

/** Adds or removes the attacher's finalizer. */
async function setFinalizer({ core }: DiskCluster, of: V1PersistentVolume, attached: boolean): Promise<void> {
    const driver = of.spec?.csi?.driver ?? "ebs.csi.aws.com";
    const finalizer = `external-attacher/${driver.replaceAll(".", "-")}`;
    const others = (of.metadata?.finalizers ?? []).filter((one) => one !== finalizer);
    const value = attached ? [...others, finalizer] : others;
    const body = [{ op: "add", path: "/metadata/finalizers", value }];
    const name = String(of.metadata?.name);
    await core.patchPersistentVolume({ name, body, fieldManager: "csi-attacher" });
}

/** Waits until volumes are attached, or detached. */
async function inState(
    cluster: DiskCluster,
    disks: readonly { readonly volumeId: string }[],
    state: "available" | "in-use",
): Promise<void> {
    if (disks.length > 0) {
        const ids = disks.map(({ volumeId }) => volumeId);
        const attachment = state === "in-use" ? "attached" : undefined;
        const reached = async () =>
            (await cluster.volumes(ids)).every(
                ({ State, Attachments = [] }) => State === state && Attachments[0]?.State === attachment,
            ) || undefined;
        await until(reached, `${ids.length} volumes to be ${state}`, timeoutSeconds);
    }
}

/**
 * Free names of devices. The first 52 are the driver's, in its order (pkg/cloud/devicemanager/device_names.go of
 * aws-ebs-csi-driver 429e202e, read on 2026-11-27).
 */
class DeviceNames {
    private readonly used: Set<string>;

    public constructor(attached: readonly Volume[]) {
        const attachments = attached.flatMap(({ Attachments = [] }) => Attachments);
        this.used = new Set(attachments.map(({ InstanceId, Device }) => `${InstanceId} ${Device}`));
    }

    public next(instance: string): string {
        const letters = [..."abcdefghijklmnopqrstuvwxyz"];
        const names = letters.flatMap((first) => letters.map((second) => `/dev/xvd${first}${second}`));
        const free = names.find((name) => !this.used.has(`${instance} ${name}`));
        if (free === undefined) {
            throw new Error(`instance ${instance} has no free device name: ${names.length} are used`);
        }
        this.used.add(`${instance} ${free}`);
        return free;
    }
}
