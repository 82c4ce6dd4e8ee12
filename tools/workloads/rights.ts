import type { KindRights } from "../../permissions/rbacRights";
import type { ClusterAccess } from "./clusterAccess";
import { MissingRight, rightText } from "./clusterAccess";
import type { Manager } from "./managers";
import { groups } from "./objects";
import type { Kind } from "./objects";
import type { Workload } from "./workload";

const asked = { get: "who owns the pods, and what was before a stop" };
const listed = { list: "who starts pods on the disks, and whose pods they are" };
const changed = { patch: "ends the pods and starts them again" };
const suspended = { get: "whether it is suspended", patch: "suspends it while the pods are ended" };

/** Rights to end and start the pods that use disks, whoever owns them. Those to kinds that aren't installed have no effect. */
export const workloadKinds: readonly KindRights[] = [
    {
        apiGroup: "",
        resource: "pods",
        verbs: {
            get: "pods without an owner",
            list: "whether pods have ended, and run again",
            delete: "pods without an owner, pods that have ended, and pods of a StatefulSet that aren't ready",
            create: "pods without an owner",
        },
    },
    rightsTo("StatefulSet", { ...asked, ...listed, ...changed }),
    rightsTo("Deployment", { ...asked, ...listed, ...changed }),
    rightsTo("ReplicaSet", { ...asked, ...listed, ...changed }),
    rightsTo("Job", { ...asked, ...listed, ...changed }),
    rightsTo("CronJob", { ...asked, ...listed, ...changed }),
    rightsTo("HorizontalPodAutoscaler", { list: "whether one scales up from 0" }),
    rightsTo("ScaledObject", { ...suspended, list: "which one scales the pods" }),
    rightsTo("Kustomization", suspended),
    rightsTo("HelmRelease", suspended),
    rightsTo("Application", { ...suspended, list: "which one has made the pods' owner" }),
];

function rightsTo(kind: Kind, verbs: KindRights["verbs"]): KindRights {
    const { group, plural } = groups[kind];
    return { apiGroup: group, resource: plural, verbs };
}

/** Problems of a user without the rights to end and start a workload. */
export async function missingRights(
    access: ClusterAccess,
    { kind, namespace }: Pick<Workload, "kind" | "namespace">,
    managers: readonly Manager[],
): Promise<string[]> {
    const podVerbs: Partial<Record<Workload["kind"], readonly string[]>> = {
        Pod: ["list", "delete", "create"],
        StatefulSet: ["list", "delete"],
    };
    const pods = podVerbs[kind] ?? ["list"];
    const patched: { readonly kind: Kind; readonly namespace: string }[] = [
        ...(kind === "Pod" ? [] : [{ kind, namespace }]),
        ...(kind === "CronJob" ? [{ kind: "Job" as const, namespace }] : []),
        ...managers,
    ];
    const problems: string[] = [];
    for (const verb of pods) {
        if (!(await access.may(verb, "", "pods", namespace))) {
            problems.push(new MissingRight(`${verb} pods in ${namespace}`).message);
        }
    }
    for (const place of patched) {
        const { group, plural } = groups[place.kind];
        if (!(await access.may("patch", group, plural, place.namespace))) {
            problems.push(new MissingRight(`patch ${rightText(place.kind, place.namespace)}`).message);
        }
    }
    return [...new Set(problems)];
}
