import type { V1Pod } from "@kubernetes/client-node";
import { lookup } from "./lookup";

/** The pods of a cluster. Those without claims, nearly all of a large cluster, are counted only. */
export interface Pods {
    /** Pods with claims. */
    readonly withClaims: readonly V1Pod[];
    /** Number of pods without claims by node, without those that are of their node. */
    readonly others: Readonly<Record<string, number>>;
}

/** Pods of all pages. */
export async function podsOf(pages: AsyncIterable<readonly V1Pod[]>): Promise<Pods> {
    let pods = podsIn([]);
    for await (const page of pages) {
        pods = podsIn(page, pods);
    }
    return pods;
}

/** Pods, added to those of the pages before. */
export function podsIn(page: readonly V1Pod[], before?: Pods): Pods {
    const others = { ...before?.others };
    page.forEach((pod) => {
        const nodeName = pod.spec?.nodeName;
        if (nodeName !== undefined && claimNamesOf(pod).length === 0 && !isOfItsNode(pod)) {
            others[nodeName] = (others[nodeName] ?? 0) + 1;
        }
    });
    const withClaims = page.filter((pod) => claimNamesOf(pod).length > 0);
    return { withClaims: [...(before?.withClaims ?? []), ...withClaims], others };
}

/** Whether a pod belongs to its node and isn't started elsewhere: a DaemonSet's, a static pod, or one that has ended. */
export function isOfItsNode(pod: V1Pod): boolean {
    const owners = pod.metadata?.ownerReferences ?? [];
    return hasEnded(pod) || owners.some(({ kind }) => kind === "DaemonSet" || kind === "Node");
}

/** Whether all containers of a pod have ended for good. */
export function hasEnded({ status }: V1Pod): boolean {
    return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Pods by the name of a claim that they use, with its namespace. */
export const podsByClaim = lookup(claimNamesOf);

/** Names of the claims that a pod uses, with their namespace. */
export function claimNamesOf({ metadata, spec }: V1Pod): string[] {
    return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
        claim ? [`${metadata?.namespace}/${claim.claimName}`] : [],
    );
}
