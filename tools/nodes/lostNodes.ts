import { paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import type { V1Node } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import type { Clients } from "../inspect/clients";
import { inParts, pageSize } from "../inspect/ec2";
import { messageOf } from "../inspect/errors";
import { isReady } from "../inspect/nodes";
import { sh } from "../terminal/shell";
import { instanceIdOf, readNodes } from "./place";

/** A node that isn't ready. */
interface DeadNode {
    readonly name: string;
    readonly zone: string;
}

/** A node that isn't ready, and whose instance doesn't run: Kubernetes may be told that it is out of service. */
export interface LostNode extends DeadNode {
    readonly instanceId: string;
    /** The instance's state in EC2, such as stopped, or not found. */
    readonly state: string;
}

/** A node that isn't ready, while its instance may still write to its volumes. */
export interface UnreachableNode extends DeadNode {
    readonly instanceId?: string;
    /** Why it can't be taken out of service, and what a person can do. */
    readonly message: string;
}

/** The nodes that aren't ready. */
export interface DeadNodes {
    readonly lost: readonly LostNode[];
    readonly unreachable: readonly UnreachableNode[];
}

/** State of an instance that EC2 doesn't know: it forgets terminated ones after about an hour. */
const notFound = "not found";

/**
 * States of an instance that doesn't run and won't by itself. Also stopping and shutting-down: an instance on a host that
 * has failed stays in them for long. Not pending: so a stopped instance starts again.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html, read on 2026-11-26.
 */
const lostStates: readonly string[] = ["stopping", "stopped", "shutting-down", "terminated", notFound];

/**
 * Finds the nodes that aren't ready, and asks EC2 whether their instances run.
 *
 * @param zone - Only nodes of this zone.
 * @param region - The region of the cluster's instances.
 * @throws Error if EC2 can't be asked, or knows none of the cluster's instances: then it is another account.
 */
export async function lostNodes(
    clients: Clients,
    zone: string | undefined,
    region: string | undefined,
): Promise<DeadNodes> {
    const nodes = await readNodes(clients.kubeConfig().makeApiClient(CoreV1Api));
    const dead = nodes.filter((node) => !isReady(node) && (zone === undefined || zoneOf(node) === zone));
    if (dead.length === 0) {
        return { lost: [], unreachable: [] };
    }
    return judged(dead, await statesOf(clients, nodes, region));
}

/**
 * Sorts nodes that aren't ready by the states of their instances.
 *
 * @param states - States by the id of the instance; instances that EC2 doesn't know aren't there.
 */
export function judged(nodes: readonly V1Node[], states: ReadonlyMap<string, string>): DeadNodes {
    const lost: LostNode[] = [];
    const unreachable: UnreachableNode[] = [];
    nodes.forEach((node) => {
        const [name, zone, instanceId] = [node.metadata?.name ?? "", zoneOf(node), instanceIdOf(node)];
        const state = instanceId === undefined ? undefined : (states.get(instanceId) ?? notFound);
        if (instanceId === undefined || state === undefined) {
            const message = `node ${name} isn't ready, and its providerID ("${node.spec?.providerID ?? ""}") names no EC2 instance: whether it still runs, nobody can ask. Once it certainly doesn't, delete it with ${sh`kubectl delete node/${name}`}`;
            unreachable.push({ name, zone, message });
        } else if (lostStates.includes(state)) {
            lost.push({ name, zone, instanceId, state });
        } else {
            const message = `node ${name} isn't ready, but its instance ${instanceId} is ${state}: its pods may still write to their volumes, so Kubernetes isn't told that it is out of service. Repair the node, or stop the instance with ${sh`aws ec2 stop-instances --force --instance-ids=${instanceId}`}, and run the command again`;
            unreachable.push({ name, zone, instanceId, message });
        }
    });
    return { lost, unreachable };
}

/**
 * States of the instances of all nodes, also of those that are ready: in another account or region, EC2 knows none of
 * them, and all would seem to be lost.
 */
async function statesOf(
    clients: Clients,
    nodes: readonly V1Node[],
    wanted: string | undefined,
): Promise<Map<string, string>> {
    const ids = nodes.flatMap((node) => instanceIdOf(node) ?? []);
    const client = clients.ec2(wanted);
    try {
        const region = await client.config.region();
        const states = await describeStates(client, ids).catch((error: unknown) => {
            throw new Error(`could not query the cluster's instances in ${region}: ${messageOf(error)}`);
        });
        if (ids.length > 0 && states.size === 0) {
            throw new Error(
                `EC2 knows none of the cluster's ${ids.length} instances in ${region}: most likely this is another account or region. Set AWS_PROFILE and AWS_REGION to the right ones. If all instances were terminated more than an hour ago, delete their nodes with kubectl delete node`,
            );
        }
        return states;
    } finally {
        client.destroy();
    }
}

/** Asks by a filter: a call by ids fails if one of them doesn't exist. */
async function describeStates(client: EC2Client, ids: readonly string[]): Promise<Map<string, string>> {
    const instances = await inParts(ids, async (Values) => {
        const found: [string, string][] = [];
        const asked = { Filters: [{ Name: "instance-id", Values }] };
        for await (const { Reservations = [] } of paginateDescribeInstances({ client, pageSize }, asked)) {
            for (const { InstanceId = "", State } of Reservations.flatMap((one) => one.Instances ?? [])) {
                found.push([InstanceId, State?.Name ?? "in an unknown state"]);
            }
        }
        return found;
    });
    return new Map(instances);
}

function zoneOf({ metadata }: V1Node): string {
    return metadata?.labels?.[zoneLabel] ?? "";
}
