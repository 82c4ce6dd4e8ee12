import { StorageV1Api } from "@kubernetes/client-node";
import type { V1CSINode, V1VolumeAttachment } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import type { Clients } from "./clients";
import type { Cluster } from "./cluster";
import { messageOf } from "./errors";
import { lookup } from "./lookup";
import { listed } from "./pages";
import { persistentVolumesFor, volumeIdOf } from "./persistentVolumes";
import { claimNamesOf, hasEnded } from "./pods";
import { withRight } from "./rights";
import type { Note } from "./target";

/** Attach slots of a node for volumes of EBS. */
export interface AttachSlots {
    /** The node's name. */
    readonly node: string;
    /** How many volumes the driver says it can attach to the node. */
    readonly count: number;
    /** Names of the PersistentVolumes, and of attachments without one, that use a slot. */
    readonly users: readonly string[];
}

/** Objects that tell how many slots nodes have, and which are used. */
export interface SlotSources {
    readonly csiNodes: readonly V1CSINode[];
    readonly attachments: readonly V1VolumeAttachment[];
    readonly cluster: Pick<Cluster, "persistentVolumes" | "pods">;
}

const drivers: readonly string[] = Object.values(CsiDriver);

/**
 * Reads the attach slots of the cluster's nodes.
 *
 * @param cluster - Its pods and PersistentVolumes.
 * @param note - Receives a line if they could not be read.
 * @returns undefined if they could not be read.
 */
export async function readAttachSlots(
    clients: Clients,
    cluster: SlotSources["cluster"],
    note: Note,
): Promise<AttachSlots[] | undefined> {
    const api = clients.kubeConfig().makeApiClient(StorageV1Api);
    try {
        const csiNodes = await readCsiNodes(api);
        return attachSlotsIn({ csiNodes, attachments: await readAttachments(api), cluster });
    } catch (error) {
        note(`could not read the attach slots of nodes: ${messageOf(error)}`);
        return undefined;
    }
}

/** The attach slots of each node whose CSINode tells how many it has. */
export function attachSlotsIn(sources: SlotSources): AttachSlots[] {
    return sources.csiNodes.flatMap(({ metadata }) => attachSlotsOf(metadata?.name ?? "", sources) ?? []);
}

/** Attach slots by the name of the node. */
export const attachSlotsOn = lookup<AttachSlots>(({ node }) => [node]);

/** All CSINodes, with what drivers say. */
export function readCsiNodes(api: StorageV1Api): Promise<V1CSINode[]> {
    return withRight("list csinodes", () =>
        listed<V1CSINode>((...page) => api.listCSINode(...page), csiNodeFields),
    );
}

/** All VolumeAttachments, with volume, node and error. */
export function readAttachments(api: StorageV1Api): Promise<V1VolumeAttachment[]> {
    return withRight("list volumeattachments", () =>
        listed<V1VolumeAttachment>((...page) => api.listVolumeAttachment(...page), attachmentFields),
    );
}

/**
 * The count in CSINode is of volumes of the driver only: it has already taken off the root volume, other volumes of the
 * instance's block device mapping and network interfaces (getVolumesLimit in pkg/driver/node.go of aws-ebs-csi-driver).
 * Kubernetes' scheduler counts against it the volumes that pods of the node use or that are attached to it, each once
 * (pkg/scheduler/framework/plugins/nodevolumelimits/csi.go of Kubernetes 1.37.2). Both read on 2026-11-27.
 *
 * @returns undefined if the node's CSINode doesn't tell, as with a driver that doesn't run on the node yet.
 */
export function attachSlotsOf(node: string, sources: SlotSources): AttachSlots | undefined {
    const [csiNode] = csiNodesNamed(sources.csiNodes, node);
    const limits = (csiNode?.spec.drivers ?? []).filter(({ name }) => drivers.includes(name));
    const count = limits.find(({ allocatable }) => allocatable?.count !== undefined)?.allocatable?.count;
    return count === undefined ? undefined : { node, count, users: usersOn(node, sources) };
}

function usersOn(node: string, { attachments, cluster }: SlotSources): string[] {
    const attached = attachmentsOn(attachments, node)
        .filter(({ spec }) => drivers.includes(spec.attacher))
        .map(({ metadata, spec }) => spec.source.persistentVolumeName ?? metadata?.name ?? "");
    const inUse = podsOn(cluster.pods.withClaims, node)
        .filter((pod) => !hasEnded(pod))
        .flatMap(claimNamesOf)
        .flatMap((claim) => persistentVolumesFor(cluster.persistentVolumes, claim))
        .filter((one) => volumeIdOf(one) !== undefined)
        .map(({ metadata }) => metadata?.name ?? "");
    return [...new Set([...attached, ...inUse])];
}

const csiNodesNamed = lookup<V1CSINode>(({ metadata }) => [metadata?.name]);
const attachmentsOn = lookup<V1VolumeAttachment>(({ spec }) => [spec.nodeName]);
const podsOn = lookup<Cluster["pods"]["withClaims"][number]>(({ spec }) => [spec?.nodeName]);

// Only these fields are kept, as in fields.ts.

function csiNodeFields({ metadata, spec }: V1CSINode): V1CSINode {
    return { metadata: { name: metadata?.name }, spec: { drivers: spec.drivers } };
}

function attachmentFields({ metadata, spec, status }: V1VolumeAttachment): V1VolumeAttachment {
    const { attacher, nodeName, source } = spec;
    return {
        metadata: { name: metadata?.name },
        spec: { attacher, nodeName, source: { persistentVolumeName: source.persistentVolumeName } },
        status: { attached: status?.attached ?? false, detachError: status?.detachError },
    };
}
