import type {
    V1NodeSelectorRequirement,
    V1NodeSelectorTerm,
    V1PodSpec,
    V1Taint,
    V1Toleration,
} from "@kubernetes/client-node";
import type { Place } from "./place";

/** The parts of a pod that say on which nodes it may run. */
export type PodPlacement = Pick<V1PodSpec, "nodeSelector" | "affinity" | "tolerations">;

/** Taints of nodes that aren't ready, which go away when they are. */
const passing = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/**
 * Why a pod can't run on a node, or undefined if it can, by its node selector, its required node affinity and the node's
 * taints, as Kubernetes' scheduler sees them. A node that isn't ready is judged as if it were.
 *
 * Not looked at: CPU and memory, host ports, affinity to other pods, topology spread. A pod may therefore stay Pending
 * on nodes that fit.
 */
export function misfit(pod: PodPlacement, place: Place): string | undefined {
    const selector = Object.entries(pod.nodeSelector ?? {});
    const missing = selector.find(([label, value]) => place.labels[label] !== value);
    if (missing) {
        return `its label ${missing[0]} isn't ${missing[1]}, which the pod's nodeSelector requires`;
    }
    const terms = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (terms && !terms.nodeSelectorTerms.some((term) => matchesTerm(term, place))) {
        return "it doesn't match the pod's required nodeAffinity";
    }
    const taint = place.taints
        .filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute")
        .filter(({ key }) => place.isReady || !passing.includes(key))
        .find((one) => !(pod.tolerations ?? []).some((toleration) => tolerates(toleration, one)));
    return taint && `the pod doesn't tolerate its taint ${textOf(taint)}`;
}

/** A taint as kubectl writes it. */
function textOf({ key, value, effect }: V1Taint): string {
    return `${key}${value ? `=${value}` : ""}:${effect}`;
}

/** A term without requirements matches no node. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm, place: Place): boolean {
    return (
        matchExpressions.length + matchFields.length > 0 &&
        matchExpressions.every((one) => matches(one, place.labels[one.key])) &&
        // The API server accepts no other field.
        matchFields.every((one) => matches(one, one.key === "metadata.name" ? place.name : undefined))
    );
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#operators, read on 2026-11-26. */
function matches({ operator, values = [] }: V1NodeSelectorRequirement, value: string | undefined): boolean {
    switch (operator) {
        case "In":
            return value !== undefined && values.includes(value);
        case "NotIn":
            return value === undefined || !values.includes(value);
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
        case "Gt":
        case "Lt": {
            const [number, limit] = [integerOf(value), integerOf(values[0])];
            return (
                number !== undefined &&
                limit !== undefined &&
                (operator === "Gt" ? number > limit : number < limit)
            );
        }
        default:
            return false;
    }
}

function integerOf(text: string | undefined): bigint | undefined {
    return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
}

/** As ToleratesTaint in core/v1/toleration.go of k8s.io/api 0.36.3. Gt and Lt are behind a feature gate that is off. */
function tolerates({ key, operator, value, effect }: V1Toleration, taint: V1Taint): boolean {
    return (
        (!effect || effect === taint.effect) &&
        (!key || key === taint.key) &&
        (operator === "Exists" ||
            ((!operator || operator === "Equal") && (value ?? "") === (taint.value ?? "")))
    );
}
