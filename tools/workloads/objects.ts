import type { V1LabelSelector, V1OwnerReference, V1PodTemplateSpec } from "@kubernetes/client-node";

/** API group and plural of each kind that is read or changed as JSON. */
export const groups = {
    StatefulSet: { group: "apps", plural: "statefulsets" },
    Deployment: { group: "apps", plural: "deployments" },
    ReplicaSet: { group: "apps", plural: "replicasets" },
    Job: { group: "batch", plural: "jobs" },
    CronJob: { group: "batch", plural: "cronjobs" },
    HorizontalPodAutoscaler: { group: "autoscaling", plural: "horizontalpodautoscalers" },
    ScaledObject: { group: "keda.sh", plural: "scaledobjects" },
    Kustomization: { group: "kustomize.toolkit.fluxcd.io", plural: "kustomizations" },
    HelmRelease: { group: "helm.toolkit.fluxcd.io", plural: "helmreleases" },
    Application: { group: "argoproj.io", plural: "applications" },
} as const;

/** A kind of `groups`. */
export type Kind = keyof typeof groups;

/** A value of a field of an object. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The place of an object in its cluster. */
export interface Place {
    readonly kind: Kind;
    readonly namespace: string;
    readonly name: string;
}

/** An object of the cluster as the API server sends it, with the fields that count here. */
export interface ClusterObject {
    readonly metadata: Metadata;
    readonly spec?: Spec;
    readonly status?: {
        readonly conditions?: readonly { readonly type: string; readonly status: string }[];
        /** Objects that an Application of Argo CD has made. */
        readonly resources?: readonly {
            readonly kind?: string;
            readonly namespace?: string;
            readonly name?: string;
        }[];
    };
}

/** Metadata of any object. */
export interface Metadata {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly V1OwnerReference[];
}

/** Fields of the specs of these kinds. */
interface Spec {
    readonly replicas?: number;
    readonly suspend?: boolean;
    readonly selector?: V1LabelSelector;
    readonly template?: V1PodTemplateSpec;
    readonly jobTemplate?: {
        readonly spec?: { readonly suspend?: boolean; readonly template?: V1PodTemplateSpec };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[];
    readonly podManagementPolicy?: string;
    readonly ordinals?: { readonly start?: number };
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenScaled?: string };
    readonly minReplicas?: number;
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
}

/** A field of an object, and a value for it; without a value the field isn't there. */
export interface Field {
    readonly path: readonly string[];
    readonly value?: Json;
}

/** The value of an object's field, if it is there. */
export function fieldOf(object: object, path: readonly string[]): Json | undefined {
    let value: unknown = object;
    for (const key of path) {
        value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
    }
    return (value as Json | null | undefined) ?? undefined;
}

/** A merge patch (RFC 7386) that gives fields these values, and that the API server refuses for another object. */
export function mergePatch(uid: string, fields: readonly Field[]): object {
    const patch = { metadata: { uid } };
    fields.forEach(({ path, value }) => setField(patch, path, value ?? null));
    return patch;
}

function setField(object: Record<string, unknown>, [key, ...rest]: readonly string[], value: Json): void {
    if (key === undefined) {
        return;
    }
    if (rest.length === 0) {
        object[key] = value;
        return;
    }
    const inner = (object[key] ?? {}) as Record<string, unknown>;
    object[key] = inner;
    setField(inner, rest, value);
}

/** The owner that controls an object. */
export function controllerOf({ ownerReferences }: Metadata): V1OwnerReference | undefined {
    return ownerReferences?.find(({ controller }) => controller === true);
}

/** Group of an `apiVersion`; the empty text for the core group. */
export function groupOf(apiVersion: string): string {
    return apiVersion.slice(0, Math.max(apiVersion.indexOf("/"), 0));
}

/** A label selector as the API takes it in a query. */
export function selectorText({ matchLabels, matchExpressions }: V1LabelSelector): string {
    const labels = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
    const expressions = (matchExpressions ?? []).map(({ key, operator, values }) => {
        if (operator === "In" || operator === "NotIn") {
            return `${key} ${operator.toLowerCase()} (${(values ?? []).join(",")})`;
        }
        return operator === "Exists" ? key : `!${key}`;
    });
    return [...labels, ...expressions].join(",");
}

/** Whether a Job has completed or failed. */
export function isFinished({ status }: ClusterObject): boolean {
    return (status?.conditions ?? []).some(
        ({ type, status: is }) => (type === "Complete" || type === "Failed") && is === "True",
    );
}
