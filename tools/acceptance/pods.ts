import type { V1Pod } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import type { Check, Observation } from "./check";
import { isSimulated } from "./cluster";
import { runKey } from "./runIds";
import { claimName } from "./settings";
import { until } from "./until";

/** Longest time in seconds until a pod is scheduled, its volume attached and its image pulled. */
const podSeconds = 600;

/**
 * Runs a shell command in a pod with the claim's disk at /data, and waits until it has ended.
 *
 * @param prints - The expected output.
 * @throws Error if it prints something else.
 */
export async function runPod(
    check: Check,
    name: string,
    script: string,
    prints: string,
): Promise<Observation & { readonly zone: string }> {
    const { cluster } = check.place;
    const manifest = podManifest(check, name, script);
    const create = async () => ((await cluster.createPod(check.run, manifest)) ? true : undefined);
    await until(create, { what: `creating pod ${name}`, seconds: 60, signal: check.signal });
    const { zone, isOnSimulatedNode } = await placeOf(check, name);
    const ends = isOnSimulatedNode ? ["Running", "Succeeded"] : ["Succeeded", "Failed"];
    const phase = await until(
        async () => {
            const pod = await cluster.pod(check.run, name);
            return ends.find((end) => end === pod?.status?.phase);
        },
        {
            what: `waiting until pod ${name} is ${ends.join(" or ")}`,
            seconds: podSeconds,
            signal: check.signal,
        },
    );
    if (isOnSimulatedNode) {
        const seen = `pod ${phase} in ${zone}; its node is simulated and runs no containers, so there is no output`;
        return { seen, isPart: true, zone };
    }
    const printed = (await cluster.log(check.run, name)).trim();
    if (phase !== "Succeeded" || printed !== prints) {
        throw new Error(`pod ${phase} in ${zone}, it printed "${printed}"`);
    }
    return { seen: `pod ${phase} in ${zone}, it printed "${printed}"`, isPart: false, zone };
}

/** Ends the pod, and waits until its volume can be attached to another node. */
export async function endPod(check: Check, name: string, volumeId: string): Promise<void> {
    const { cluster } = check.place;
    await cluster.deletePod(check.run, name);
    const waits = [
        {
            what: `waiting until pod ${name} is gone`,
            isOver: async () => (await cluster.pod(check.run, name)) === undefined,
        },
        {
            what: `waiting until volume ${volumeId} is detached`,
            isOver: async () => (await check.volume(volumeId)).State === "available",
        },
    ];
    for (const { what, isOver } of waits) {
        const over = async () => ((await isOver()) ? true : undefined);
        await until(over, { what, seconds: podSeconds, signal: check.signal });
    }
}

/** Zone and kind of the node that a pod is scheduled to. */
async function placeOf(check: Check, name: string): Promise<{ zone: string; isOnSimulatedNode: boolean }> {
    const { cluster } = check.place;
    const nodeName = await until(async () => (await cluster.pod(check.run, name))?.spec?.nodeName, {
        what: `waiting until pod ${name} is scheduled`,
        seconds: podSeconds,
        signal: check.signal,
    });
    const node = await cluster.node(nodeName);
    return {
        zone: node?.metadata?.labels?.[zoneLabel] ?? "",
        isOnSimulatedNode: node !== undefined && isSimulated(node),
    };
}

/** Complies with the restricted Pod Security Standard, which a cluster may enforce. */
function podManifest({ run, options }: Check, name: string, script: string): V1Pod {
    const resources = { cpu: "10m", memory: "16Mi" };
    return {
        metadata: { name, labels: { [runKey]: run } },
        spec: {
            restartPolicy: "Never",
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false,
            securityContext: {
                runAsNonRoot: true,
                runAsUser: 65534,
                runAsGroup: 65534,
                // Group of the disk's files, which makes them writable.
                fsGroup: 65534,
                seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
                {
                    name: "main",
                    image: options.image,
                    command: ["sh", "-c", script],
                    resources: { requests: resources, limits: resources },
                    securityContext: {
                        allowPrivilegeEscalation: false,
                        readOnlyRootFilesystem: true,
                        capabilities: { drop: ["ALL"] },
                    },
                    volumeMounts: [{ name: "data", mountPath: "/data" }],
                },
            ],
            volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
        },
    };
}
