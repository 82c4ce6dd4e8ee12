import type { V1Node } from "@kubernetes/client-node";

/** Whether a node accepts pods without tolerations: ready, schedulable, not of the control plane. */
export function takesPods({ spec, status }: V1Node): boolean {
    const isReady = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    const isControlPlane = spec?.taints?.some(
        ({ key, effect }) =>
            /^node-role\.kubernetes\.io\/(control-plane|master)$/.test(key) && effect !== "PreferNoSchedule",
    );
    return (isReady ?? false) && spec?.unschedulable !== true && !isControlPlane;
}
