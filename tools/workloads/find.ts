import type { V1Pod } from "@kubernetes/client-node";
import type { ClaimName } from "../adopt/existingDisk";
import type { Clients } from "../inspect/clients";
import { ClusterAccess, MissingRight } from "./clusterAccess";
import { Lookups } from "./lookups";
import { scalersOf } from "./managers";
import { controllerOf, groups } from "./objects";
import type { ClusterObject } from "./objects";
import { textOf } from "./outcome";
import { topOf } from "./owners";
import type { Top } from "./owners";
import { missingRights } from "./rights";
import { hasEnded } from "./stopped";
import { startsPodsOn, templateKinds } from "./templates";
import type { Workload } from "./workload";

/** Choice of workloads. */
export interface FindOptions {
    /** Owners whose operators the user has paused, as `<Kind>/<namespace>/<name>`. */
    readonly paused?: readonly string[];
    /** Claims of the disks: workloads that will start pods on them count, although they have none now. */
    readonly claims?: readonly ClaimName[];
}

/** A workload's topmost object, and its pods that use the disks. */
interface Group {
    readonly top: Top;
    readonly pods: V1Pod[];
}

/**
 * The workloads of pods that use disks, each once, in the order of the pods.
 *
 * @throws Error if the cluster can't be read.
 */
export async function findWorkloads(
    clients: Clients,
    pods: readonly V1Pod[],
    { paused = [], claims = [] }: FindOptions = {},
): Promise<Workload[]> {
    const access = new ClusterAccess(clients);
    const lookups = new Lookups(access, paused);
    const found = new Map<string, Group>();
    for (const pod of pods) {
        const top = await topOfPod(access, lookups, pod, paused);
        if (top) {
            const { pods: before } = addTo(found, top);
            before.push(pod);
        }
    }
    for (const namespace of new Set(claims.map((claim) => claim.namespace))) {
        for (const kind of templateKinds) {
            for (const object of await lookups.list(kind, namespace)) {
                if (startsPodsOn(object, claims)) {
                    addTo(found, await topOf(lookups, kind, object, paused));
                }
            }
        }
    }
    const workloads: Workload[] = [];
    for (const group of found.values()) {
        workloads.push(await describe(access, lookups, group));
    }
    return workloads;
}

/** The topmost object of a pod; none if the pod is gone. */
async function topOfPod(
    access: ClusterAccess,
    lookups: Lookups,
    pod: V1Pod,
    paused: readonly string[],
): Promise<Top | undefined> {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    try {
        const top = await topOf(lookups, "Pod", objectOf(pod), paused);
        if (top.kind !== "Pod") {
            return top;
        }
        // The inventory's pods have no labels.
        const current = await access.readPod(namespace, name);
        return current && { ...top, object: objectOf(current) };
    } catch (error) {
        if (error instanceof MissingRight) {
            return { kind: "Pod", object: objectOf(pod), problem: error.message };
        }
        throw error;
    }
}

function objectOf({ metadata = {} }: V1Pod): ClusterObject {
    return { metadata };
}

function addTo(found: Map<string, Group>, top: Top): Group {
    const { namespace = "", name = "" } = top.object.metadata;
    const key = textOf({ kind: top.kind, namespace, name });
    const group = found.get(key) ?? { top, pods: [] };
    found.set(key, group);
    return group;
}

async function describe(access: ClusterAccess, lookups: Lookups, { top, pods }: Group): Promise<Workload> {
    const { kind, object } = top;
    const { namespace = "", name = "" } = object.metadata;
    const head = { kind, namespace, name, pods: pods.map(({ metadata }) => metadata?.name ?? "") };
    if (top.problem !== undefined) {
        return { ...head, managers: [], notes: [], problem: top.problem };
    }
    try {
        const group = kind === "Pod" ? "" : groups[kind].group;
        const { managers, problems } = await lookups.managersOf({ kind, group, metadata: object.metadata });
        const scaling = await autoscaling(lookups, head);
        const all = [...problems, ...scaling.problems, ...(await missingRights(access, head, managers))];
        return {
            ...head,
            managers,
            notes: [...scaling.notes, ...podNotes(head, pods)],
            ...(kind === "StatefulSet" &&
                object.spec?.podManagementPolicy !== "Parallel" && { startsInTurn: true }),
            ...(all.length > 0 && { problem: all.join("; ") }),
        };
    } catch (error) {
        if (error instanceof MissingRight) {
            return { ...head, managers: [], notes: [], problem: error.message };
        }
        throw error;
    }
}

/**
 * HorizontalPodAutoscalers leave a workload with 0 replicas alone, unless 0 is a number that they may choose:
 * "Implicit maintenance-mode deactivation", https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/,
 * read on 2026-11-26. KEDA makes one for each ScaledObject, and deletes it when that is paused.
 */
async function autoscaling(
    lookups: Lookups,
    { kind, namespace, name }: Pick<Workload, "kind" | "namespace" | "name">,
): Promise<{ readonly notes: readonly string[]; readonly problems: readonly string[] }> {
    if (kind !== "StatefulSet" && kind !== "Deployment" && kind !== "ReplicaSet") {
        return { notes: [], problems: [] };
    }
    const all = await lookups.list("HorizontalPodAutoscaler", namespace);
    const own = scalersOf({ kind, name }, all).filter(
        ({ metadata }) => controllerOf(metadata)?.kind !== "ScaledObject",
    );
    const text = ({ metadata }: ClusterObject) =>
        textOf({ kind: "HorizontalPodAutoscaler", namespace, name: metadata.name ?? "" });
    const fromZero = own.filter(({ spec }) => spec?.minReplicas === 0);
    return {
        notes: own
            .filter((one) => !fromZero.includes(one))
            .map(
                (one) =>
                    `${text(one)} does nothing while ${textOf({ kind, namespace, name })} has 0 replicas`,
            ),
        problems: fromZero.map(
            (one) =>
                `${text(one)} may scale up from 0 replicas: set its minReplicas to 1, then run the command again`,
        ),
    };
}

/** Consequences for pods. */
function podNotes(
    { kind, namespace, name }: Pick<Workload, "kind" | "namespace" | "name">,
    pods: readonly V1Pod[],
) {
    const ended = pods
        .filter(hasEnded)
        .map(({ metadata }) => textOf({ kind: "Pod", namespace, name: metadata?.name ?? "" }))
        .map(
            (pod) =>
                `${pod} has ended, and is deleted for good, its log too: its claim can't be deleted before`,
        );
    const isRestarted = (kind === "Job" || kind === "CronJob") && ended.length < pods.length;
    const restarted = `the pods of ${textOf({ kind, namespace, name })} begin their work again from the start`;
    return isRestarted ? [...ended, restarted] : ended;
}
