import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { V1Node, V1Taint } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { attachSlotsOf, readAttachments, readCsiNodes } from "../inspect/attachSlots";
import type { SlotSources } from "../inspect/attachSlots";
import type { Clients } from "../inspect/clients";
import { isReady } from "../inspect/nodes";
import { listed } from "../inspect/pages";
import { withRight } from "../inspect/rights";

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
export interface PlaceSources extends SlotSources {
    readonly nodes: readonly V1Node[];
}

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
    const csiNodes = await readCsiNodes(storage);
    return placesOf({ nodes, csiNodes, attachments: await readAttachments(storage), cluster });
}

/** All nodes, with what decides whether pods can run on them. */
export function readNodes(core: CoreV1Api): Promise<V1Node[]> {
    return withRight("list nodes", () => listed<V1Node>((...page) => core.listNode(...page), placeFields));
}

/** The nodes as places, by name. */
export function placesOf(sources: PlaceSources): Place[] {
    return sources.nodes.map((node) => {
        const { metadata, spec } = node;
        const name = metadata?.name ?? "";
        const slots = attachSlotsOf(name, sources);
        return {
            name,
            zone: metadata?.labels?.[zoneLabel] ?? "",
            labels: metadata?.labels ?? {},
            taints: spec?.taints ?? [],
            isReady: isReady(node) && spec?.unschedulable !== true,
            instanceId: instanceIdOf(node),
            freeSlots: slots && Math.max(0, slots.count - slots.users.length),
        };
    });
}

/** Id of a node's EC2 instance. Nodes of Fargate and outside of EC2 have none. */
export function instanceIdOf({ spec }: V1Node): string | undefined {
    return /^aws:\/\/.*\/(i-[0-9a-f]+)$/.exec(spec?.providerID ?? "")?.[1];
}

// Only these fields are kept, as in tools/inspect/fields.ts.

function placeFields({ metadata, spec, status }: V1Node): V1Node {
    return {
        metadata: { name: metadata?.name, labels: metadata?.labels },
        spec: { taints: spec?.taints, unschedulable: spec?.unschedulable, providerID: spec?.providerID },
        status: { conditions: status?.conditions?.filter((one) => one.type === "Ready") },
    };
}
