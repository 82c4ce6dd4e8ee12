import type { V1Node } from "@kubernetes/client-node";

/** Whether a node accepts pods without tolerations: ready, schedulable, not of the control plane. */
export function takesPods(node: V1Node): boolean {
    const { spec } = node;
    const isControlPlane = spec?.taints?.some(
        ({ key, effect }) =>
            /^node-role\.kubernetes\.io\/(control-plane|master)$/.test(key) && effect !== "PreferNoSchedule",
    );
    return isReady(node) && spec?.unschedulable !== true && !isControlPlane;
}

/** Whether a node's kubelet reports that it is ready. */
export function isReady({ status }: V1Node): boolean {
    return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
