import { ApiException, CoreV1Api } from "@kubernetes/client-node";
import type { V1Node, V1Taint } from "@kubernetes/client-node";
import { undefinedIfNotFound } from "../inspect/errors";
import type { Clients } from "../inspect/clients";
import { isReady } from "../inspect/nodes";
import { lostNodes } from "./lostNodes";
import { withRight } from "../inspect/rights";

/**
 * The taint that tells Kubernetes that a node is shut down and won't come back by itself: its pods without a toleration
 * are deleted, those that are being deleted without waiting for the kubelet (gcTerminating in
 * pkg/controller/podgc/gc_controller.go), and volumes that no pod uses any more are detached at once, although the
 * kubelet hasn't reported them as unmounted. Without it, they are detached after 6 minutes (reconcile in
 * pkg/controller/volume/attachdetach/reconciler/reconciler.go, both of Kubernetes 1.37.2, read on
 * 2026-11-27).
 *
 * https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown, which also says
 * that the user has to make sure that the node is shut down, and to remove the taint after its recovery. Read on
 * 2026-11-26.
 */
const outOfService: V1Taint = {
    key: "node.kubernetes.io/out-of-service",
    value: "nodeshutdown",
    effect: "NoExecute",
};

/** Attempts to change a node: its kubelet and controllers change it, too. */
const attempts = 5;

/**
 * Tells Kubernetes that nodes are out of service. Those that are already, and those that are gone, stay as they are.
 *
 * @param names - Nodes that `lostNodes` has returned as lost. EC2 is asked again, since an instance may have been started
 * meanwhile.
 * @throws Error if one of them isn't lost; then none is changed.
 */
export async function takeOutOfService(
    clients: Clients,
    names: readonly string[],
    region: string | undefined,
): Promise<void> {
    const api = clients.kubeConfig().makeApiClient(CoreV1Api);
    const nodes = await Promise.all(names.map((name) => readNode(api, name)));
    const open = nodes.flatMap((node) => (node && !isOutOfService(node) ? (node.metadata?.name ?? []) : []));
    if (open.length === 0) {
        return;
    }
    const { lost, unreachable } = await lostNodes(clients, undefined, region);
    const reasons = open
        .filter((name) => !lost.some((one) => one.name === name))
        .map((name) => unreachable.find((one) => one.name === name)?.message ?? `node ${name} is ready`);
    if (reasons.length > 0) {
        throw new Error(`no node was taken out of service: ${reasons.join("; ")}`);
    }
    await Promise.all(
        open.map((name) => changeTaints(api, name, (taints) => [...withoutTaint(taints), outOfService])),
    );
}

/** Takes only that taint off the nodes. Those that are gone or don't have it stay as they are. */
export async function backInService(clients: Clients, names: readonly string[]): Promise<void> {
    const api = clients.kubeConfig().makeApiClient(CoreV1Api);
    await Promise.all(names.map((name) => changeTaints(api, name, withoutTaint)));
}

/** Whether a node isn't ready and Kubernetes has been told that it is out of service. */
export function isOutOfService(node: V1Node): boolean {
    return !isReady(node) && (node.spec?.taints ?? []).some(isTheTaint);
}

/** Reads a node. Undefined if it is gone. */
export function readNode(api: CoreV1Api, name: string): Promise<V1Node | undefined> {
    return withRight("get nodes", () => undefinedIfNotFound(api.readNode({ name })));
}

async function changeTaints(
    api: CoreV1Api,
    name: string,
    change: (taints: readonly V1Taint[]) => V1Taint[],
): Promise<void> {
    for (let attempt = 1; ; attempt++) {
        const node = await readNode(api, name);
        const before = node?.spec?.taints ?? [];
        const taints = change(before);
        if (!node || (taints.length === before.length && before.some(isExactly) === taints.some(isExactly))) {
            return;
        }
        // The list of taints is replaced as a whole: only if nobody has changed the node meanwhile.
        const body = [
            { op: "test", path: "/metadata/resourceVersion", value: node.metadata?.resourceVersion },
            { op: "add", path: "/spec/taints", value: taints },
        ];
        try {
            await withRight("patch nodes", () => undefinedIfNotFound(api.patchNode({ name, body })));
            return;
        } catch (error) {
            const isConflict = error instanceof ApiException && (error.code === 409 || error.code === 422);
            if (!isConflict || attempt === attempts) {
                throw error;
            }
        }
    }
}

function withoutTaint(taints: readonly V1Taint[]): V1Taint[] {
    return taints.filter((one) => !isTheTaint(one));
}

/** Controllers look at the key only. */
function isTheTaint({ key }: V1Taint): boolean {
    return key === outOfService.key;
}

function isExactly({ key, value, effect }: V1Taint): boolean {
    return key === outOfService.key && value === outOfService.value && effect === outOfService.effect;
}
