import type { V1OwnerReference } from "@kubernetes/client-node";
import type { ClusterAccess } from "./clusterAccess";
import { controllerOf, groupOf, groups } from "./objects";
import type { ClusterObject, Metadata } from "./objects";
import { textOf } from "./outcome";
import type { WorkloadKind } from "./workload";

/** The topmost owner of a pod that can be ended. */
export interface Top {
    readonly kind: WorkloadKind;
    readonly object: ClusterObject;
    readonly problem?: string;
}

/**
 * Goes from an object up to its owners.
 *
 * @param paused - Owners whose operators the user has paused, as `<Kind>/<namespace>/<name>`.
 */
export async function topOf(
    access: Pick<ClusterAccess, "read">,
    kind: WorkloadKind,
    object: ClusterObject,
    paused: readonly string[],
): Promise<Top> {
    const owner = controllerOf(object.metadata);
    const { namespace = "", name = "" } = object.metadata;
    if (!owner) {
        return { kind, object };
    }
    const ownerKind = endableKind(owner);
    if (ownerKind === undefined) {
        const isPaused = paused.includes(`${owner.kind}/${namespace}/${owner.name}`);
        return { kind, object, ...(!isPaused && { problem: foreignOwner(kind, object.metadata, owner) }) };
    }
    const above = await access.read({ kind: ownerKind, namespace, name: owner.name });
    if (above?.metadata.uid !== owner.uid) {
        const text = textOf({ kind: ownerKind, namespace, name: owner.name });
        const problem = `${textOf({ kind, namespace, name })} is of ${text}, which isn't there any more, so that Kubernetes is about to delete it: run the command again`;
        return { kind, object, problem };
    }
    return topOf(access, ownerKind, above, paused);
}

/** The kind of an owner, if it is one that can be ended. */
function endableKind({ apiVersion, kind }: V1OwnerReference): Exclude<WorkloadKind, "Pod"> | undefined {
    return (["StatefulSet", "Deployment", "ReplicaSet", "Job", "CronJob"] as const).find(
        (one) => one === kind && groups[one].group === groupOf(apiVersion),
    );
}

/** Why an object with an owner of another kind can't be ended. */
export function foreignOwner(kind: string, metadata: Metadata, owner: V1OwnerReference): string {
    const { namespace = "", name = "" } = metadata;
    const text = textOf({ kind, namespace, name });
    if (owner.kind === "DaemonSet" && groupOf(owner.apiVersion) === "apps") {
        return `${text} is of DaemonSet ${owner.name}, which starts a pod on each of its nodes again: give it a node selector that no node has until the disks are moved, then run the command again`;
    }
    if (owner.kind === "Node") {
        return `${text} is a static pod of node ${owner.name}, which only its kubelet can end: take its manifest off the node, then run the command again`;
    }
    if (owner.kind === "ReplicationController") {
        return `${text} is of ReplicationController ${owner.name}, which isn't supported: scale it to 0, then run the command again`;
    }
    return `${text} is of ${owner.kind} ${owner.name} (${owner.apiVersion}), which would undo the stop: pause its operator for it, then give --paused ${owner.kind}/${namespace}/${owner.name}`;
}
