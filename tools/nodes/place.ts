import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { V1CSINode, V1Node, V1Taint, V1VolumeAttachment } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { zoneLabel } from "../../components/plan/zoneLabels";
import type { Clients } from "../inspect/clients";
import type { Cluster } from "../inspect/cluster";
import { lookup } from "../inspect/lookup";
import { isReady } from "../inspect/nodes";
import { listed } from "../inspect/pages";
import { claimNameOf, volumeIdOf } from "../inspect/persistentVolumes";
import { claimNamesOf, hasEnded } from "../inspect/pods";
import { withRight } from "./rights";

/** A node as a place for pods with disks. */
export interface Place {
    readonly name: string;
    readonly zone: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly V1Taint[];
    /** Ready and schedulable. */
    readonly isReady: boolean;
    readonly instanceId?: string;
    /**
     * Volumes that can still be attached. Undefined if the node's CSINode doesn't tell, as with a driver that doesn't run
     * on the node yet.
     */
    readonly freeSlots?: number;
}

/** Objects that places are made of. */
export interface PlaceSources {
    readonly nodes: readonly V1Node[];
    readonly csiNodes: readonly V1CSINode[];
    readonly attachments: readonly V1VolumeAttachment[];
    /** The pods and PersistentVolumes that were read already. */
    readonly cluster: Pick<Cluster, "persistentVolumes" | "pods">;
}

const drivers: readonly string[] = Object.values(CsiDriver);

/**
 * Reads the cluster's nodes, and how many volumes each can still attach.
 *
 * @param cluster - Its pods and PersistentVolumes.
 * @throws Error that names the right if the kubeconfig's user may not list nodes, CSINodes or VolumeAttachments.
 */
export async function readPlaces(clients: Clients, cluster: PlaceSources["cluster"]): Promise<Place[]> {
    const config = clients.kubeConfig();
    const [core, storage] = [config.makeApiClient(CoreV1Api), config.makeApiClient(StorageV1Api)];
    // One list after the other: each page takes a lot of memory until its fields are picked.
    const nodes = await readNodes(core);
    const csiNodes = await withRight("list csinodes", () =>
        listed<V1CSINode>((...page) => storage.listCSINode(...page), csiNodeFields),
    );
    return placesOf({ nodes, csiNodes, attachments: await readAttachments(storage), cluster });
}

/** All nodes, with what decides whether pods can run on them. */
export function readNodes(core: CoreV1Api): Promise<V1Node[]> {
    return withRight("list nodes", () => listed<V1Node>((...page) => core.listNode(...page), placeFields));
}

/** All VolumeAttachments, with volume, node and error. */
export function readAttachments(storage: StorageV1Api): Promise<V1VolumeAttachment[]> {
    return withRight("list volumeattachments", () =>
        listed<V1VolumeAttachment>((...page) => storage.listVolumeAttachment(...page), attachmentFields),
    );
}

/** The nodes as places, by name. */
export function placesOf(sources: PlaceSources): Place[] {
    return sources.nodes.map((node) => {
        const { metadata, spec } = node;
        const name = metadata?.name ?? "";
        return {
            name,
            zone: metadata?.labels?.[zoneLabel] ?? "",
            labels: metadata?.labels ?? {},
            taints: spec?.taints ?? [],
            isReady: isReady(node) && spec?.unschedulable !== true,
            instanceId: instanceIdOf(node),
            freeSlots: freeSlotsOf(name, sources),
        };
    });
}

/** Id of a node's EC2 instance. Nodes of Fargate and outside of EC2 have none. */
export function instanceIdOf({ spec }: V1Node): string | undefined {
    return /^aws:\/\/.*\/(i-[0-9a-f]+)$/.exec(spec?.providerID ?? "")?.[1];
}

/**
 * The count in CSINode is of volumes of the driver only: it has already taken off the root volume, other volumes of the
 * instance's block device mapping and network interfaces (getVolumesLimit in pkg/driver/node.go of aws-ebs-csi-driver).
 * Kubernetes' scheduler counts against it the volumes that pods of the node use or that are attached to it, each once
 * (pkg/scheduler/framework/plugins/nodevolumelimits/csi.go of Kubernetes 1.36.3). Both read on 2026-11-26.
 */
function freeSlotsOf(node: string, sources: PlaceSources): number | undefined {
    const [csiNode] = csiNodesNamed(sources.csiNodes, node);
    const limits = (csiNode?.spec.drivers ?? []).filter(({ name }) => drivers.includes(name));
    const count = limits.find(({ allocatable }) => allocatable?.count !== undefined)?.allocatable?.count;
    return count === undefined ? undefined : Math.max(0, count - usedOn(node, sources).size);
}

/** Names of the PersistentVolumes, and of attachments without one, that use an attach slot of a node. */
function usedOn(node: string, { attachments, cluster }: PlaceSources): Set<string | undefined> {
    const attached = attachmentsOn(attachments, node)
        .filter(({ spec }) => drivers.includes(spec.attacher))
        .map(({ metadata, spec }) => spec.source.persistentVolumeName ?? metadata?.name);
    const inUse = podsOn(cluster.pods.withClaims, node)
        .filter((pod) => !hasEnded(pod))
        .flatMap(claimNamesOf)
        .flatMap((claim) => boundTo(cluster.persistentVolumes, claim))
        .filter((one) => volumeIdOf(one) !== undefined)
        .map(({ metadata }) => metadata?.name);
    return new Set([...attached, ...inUse]);
}

const csiNodesNamed = lookup<V1CSINode>(({ metadata }) => [metadata?.name]);
const attachmentsOn = lookup<V1VolumeAttachment>(({ spec }) => [spec.nodeName]);
const podsOn = lookup<Cluster["pods"]["withClaims"][number]>(({ spec }) => [spec?.nodeName]);
const boundTo = lookup<Cluster["persistentVolumes"][number]>((one) => [claimNameOf(one)]);

// Only these fields are kept, as in tools/inspect/fields.ts.

function placeFields({ metadata, spec, status }: V1Node): V1Node {
    return {
        metadata: { name: metadata?.name, labels: metadata?.labels },
        spec: { taints: spec?.taints, unschedulable: spec?.unschedulable, providerID: spec?.providerID },
        status: { conditions: status?.conditions?.filter((one) => one.type === "Ready") },
    };
}

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
