import { isDeepStrictEqual } from "node:util";
import type { ClusterAccess } from "./clusterAccess";
import { fieldOf } from "./objects";
import type { ClusterObject, Field, Metadata, Place } from "./objects";
import { did, leftAlone, nothing, textOf } from "./outcome";
import type { Outcome } from "./outcome";

/** Kinds that would undo a stop, and can be suspended. */
export type ManagerKind = "Kustomization" | "HelmRelease" | "Application" | "ScaledObject";

/** An object that would undo a stop, and is suspended during it. */
export interface Manager extends Place {
    readonly kind: ManagerKind;
}

/** A manager as it was before it was suspended. */
export interface StoppedManager extends Manager {
    readonly uid: string;
    /** Its fields that are changed, with what they were. */
    readonly before: readonly Field[];
}

const products: Readonly<Record<ManagerKind, string>> = {
    Kustomization: "Flux",
    HelmRelease: "Flux",
    Application: "Argo CD",
    ScaledObject: "KEDA",
};

/**
 * The fields that suspend a manager, read on 2026-11-26:
 *
 * - Flux: `spec.suspend`, https://fluxcd.io/flux/cmd/flux_suspend_kustomization/ and
 *   https://fluxcd.io/flux/cmd/flux_suspend_helmrelease/. It takes back fields that kubectl has set, not those of others
 *   (`kustomize.toolkit.fluxcd.io/ssa` in https://fluxcd.io/flux/components/kustomize/kustomizations/).
 * - Argo CD: without `spec.syncPolicy.automated` it syncs only when somebody asks,
 *   https://argo-cd.readthedocs.io/en/release-3.5/user-guide/auto_sync/.
 * - KEDA: `paused` keeps the number of replicas that there are; with `paused-replicas`, it scales to that number all the
 *   same: "Pause Auto-Scaling with deployments" in https://github.com/kedacore/keda-docs.
 */
const suspensions: Readonly<Record<ManagerKind, readonly Field[]>> = {
    Kustomization: [{ path: ["spec", "suspend"], value: true }],
    HelmRelease: [{ path: ["spec", "suspend"], value: true }],
    Application: [{ path: ["spec", "syncPolicy", "automated"] }],
    ScaledObject: [
        { path: ["metadata", "annotations", "autoscaling.keda.sh/paused"], value: "true" },
        { path: ["metadata", "annotations", "autoscaling.keda.sh/paused-replicas"] },
    ],
};

/**
 * The objects of Flux that labels name: https://fluxcd.io/flux/components/kustomize/kustomizations/ and
 * https://github.com/fluxcd/helm-controller/pull/238, read on 2026-11-26.
 */
export function fluxManagers({ labels }: Metadata): Manager[] {
    return (["Kustomization", "HelmRelease"] as const).flatMap((kind) => {
        const prefix = kind === "Kustomization" ? "kustomize" : "helm";
        const name = labels?.[`${prefix}.toolkit.fluxcd.io/name`];
        const namespace = labels?.[`${prefix}.toolkit.fluxcd.io/namespace`];
        return name === undefined || namespace === undefined ? [] : [{ kind, namespace, name }];
    });
}

/** An object as an Application may say that it has made it. */
export interface Made {
    readonly kind: string;
    readonly group: string;
    readonly metadata: Metadata;
}

/** Whether Argo CD may have made an object. */
export function mayBeOfArgo({ metadata }: Made): boolean {
    return instancesOf(metadata).length > 0 || trackingId in (metadata.annotations ?? {});
}

const trackingId = "argocd.argoproj.io/tracking-id";

/**
 * The Applications that have made an object. The annotation `<application>:<group>/<kind>:<namespace>/<name>` counts
 * where it names the object itself, since owners copy annotations. A label counts where the Application lists the object:
 * Helm sets `app.kubernetes.io/instance`, too. A name may have its Application's namespace in front, `<namespace>_<name>`.
 * https://argo-cd.readthedocs.io/en/release-3.3/user-guide/resource_tracking/, read on 2026-11-26.
 */
export function argoManagers(made: Made, applications: readonly ClusterObject[]): Manager[] {
    const { kind, group, metadata } = made;
    const { namespace, name } = metadata;
    const [tracked, ...object] = (metadata.annotations?.[trackingId] ?? "").split(":");
    const isItself = object.join(":") === `${group}/${kind}:${namespace}/${name}`;
    const instances = instancesOf(metadata);
    return applications.flatMap(({ metadata: application, status }) => {
        const names = [application.name, `${application.namespace}_${application.name}`];
        const lists = (status?.resources ?? []).some(
            (one) => one.kind === kind && one.name === name && one.namespace === namespace,
        );
        const isOwner =
            (isItself && names.includes(tracked)) ||
            (lists && instances.some((instance) => names.includes(instance)));
        return isOwner
            ? [
                  {
                      kind: "Application" as const,
                      namespace: application.namespace ?? "",
                      name: application.name ?? "",
                  },
              ]
            : [];
    });
}

function instancesOf({ labels }: Metadata): string[] {
    return ["argocd.argoproj.io/instance", "app.kubernetes.io/instance"].flatMap(
        (key) => labels?.[key] ?? [],
    );
}

/** The ScaledObjects that scale a workload. https://keda.sh/docs/latest/reference/scaledobject-spec/, read on 2026-11-26. */
export function scalersOf(
    { kind, name }: { readonly kind: string; readonly name: string },
    all: readonly ClusterObject[],
): ClusterObject[] {
    return all.filter(({ spec }) => {
        const target = spec?.scaleTargetRef;
        return target?.name === name && (target.kind ?? "Deployment") === kind;
    });
}

/** A manager in messages, such as `Flux Kustomization flux-system/apps`. */
export function managerText(manager: Manager): string {
    return `${products[manager.kind]} ${textOf(manager)}`;
}

/** A manager as it is now. */
export async function readManager(
    access: ClusterAccess,
    manager: Manager,
): Promise<StoppedManager | undefined> {
    const object = await access.read(manager);
    const uid = object?.metadata.uid;
    if (!object || uid === undefined) {
        return undefined;
    }
    const before = suspensions[manager.kind].map(({ path }) => {
        const value = fieldOf(object, path);
        return { path, ...(value !== undefined && { value }) };
    });
    const { kind, namespace, name } = manager;
    return { kind, namespace, name, uid, before };
}

/** Suspends a manager. */
export async function suspend(access: ClusterAccess, manager: StoppedManager): Promise<Outcome> {
    const object = await access.read(manager);
    if (object?.metadata.uid !== manager.uid) {
        return leftAlone(`${managerText(manager)} ${goneText(object)}: it isn't suspended`);
    }
    const fields = differing(object, suspensions[manager.kind]);
    if (fields.length === 0) {
        return nothing;
    }
    await access.change(manager, manager.uid, fields);
    return did(`${managerText(manager)} suspended`);
}

/** Gives a manager back what it had, unless somebody has changed it since it was suspended. */
export async function resume(access: ClusterAccess, manager: StoppedManager): Promise<Outcome> {
    const object = await access.read(manager);
    if (object?.metadata.uid !== manager.uid) {
        return leftAlone(`${managerText(manager)} ${goneText(object)}: it is left as it is`);
    }
    if (differing(object, manager.before).length === 0) {
        return nothing;
    }
    if (differing(object, suspensions[manager.kind]).length > 0) {
        return leftAlone(`${managerText(manager)} was changed while it was suspended: it is left as it is`);
    }
    await access.change(manager, manager.uid, differing(object, manager.before));
    return did(`${managerText(manager)} resumed`);
}

/** Whether an object was deleted or replaced, for messages. */
export function goneText(object: object | undefined): string {
    return object ? "was deleted and created again meanwhile" : "was deleted meanwhile";
}

/** The fields whose values an object doesn't have. */
export function differing(object: object, fields: readonly Field[]): Field[] {
    return fields.filter(({ path, value }) => !isDeepStrictEqual(fieldOf(object, path), value));
}
