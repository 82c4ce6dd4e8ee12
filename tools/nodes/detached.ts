import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import type { V1Node, V1VolumeAttachment } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { firstLine } from "../inspect/errors";
import { isReady } from "../inspect/nodes";
import { sh } from "../terminal/shell";
import { isOutOfService, readNode } from "./outOfService";
import { readAttachments } from "../inspect/attachSlots";

/** The wait so far. */
export interface DetachProgress {
    /** PersistentVolumes that are still attached. */
    readonly left: readonly string[];
    readonly total: number;
}

/** Between two looks: a VolumeAttachment goes a few seconds after EC2 has detached the volume. */
const pauseMilliseconds = 1_000;

/**
 * Waits until no VolumeAttachment is left for PersistentVolumes.
 *
 * @param onProgress - Told at first, and whenever fewer or more are left.
 * @throws Error with those that are left, their nodes, and what to do.
 */
export async function waitUntilDetached(
    clients: Clients,
    persistentVolumes: readonly string[],
    timeoutSeconds: number,
    onProgress: (progress: DetachProgress) => void,
): Promise<void> {
    const config = clients.kubeConfig();
    const storage = config.makeApiClient(StorageV1Api);
    const wanted = new Set(persistentVolumes);
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (let before: number | undefined; ;) {
        const attachments = (await readAttachments(storage)).filter((one) => wanted.has(nameOf(one)));
        const left = [...new Set(attachments.map(nameOf))].sort();
        if (left.length !== before) {
            onProgress({ left, total: wanted.size });
            before = left.length;
        }
        if (left.length === 0) {
            return;
        }
        if (Date.now() >= deadline) {
            const core = config.makeApiClient(CoreV1Api);
            const each = await Promise.all(attachments.map((one) => describe(core, one)));
            throw new Error(
                [`still attached after ${timeoutSeconds} s:`, ...each.map((one) => `- ${one}`)].join("\n"),
            );
        }
        await sleep(pauseMilliseconds);
    }
}

/** An attachment that stays: its node, the driver's error, and what a person can do. */
async function describe(core: CoreV1Api, attachment: V1VolumeAttachment): Promise<string> {
    const { nodeName } = attachment.spec;
    const error = attachment.status?.detachError?.message;
    const said = error === undefined ? "" : ` (the driver says: ${firstLine(error)})`;
    const [state, remedy] = stateAndRemedy(nodeName, await readNode(core, nodeName));
    return `${nameOf(attachment)} on node ${nodeName}, which ${state}${said}: ${remedy}`;
}

function stateAndRemedy(name: string, node: V1Node | undefined): [string, string] {
    if (!node) {
        return [
            "is gone",
            "Kubernetes detaches its volumes about 6 minutes after their last pod has ended, run the command again then",
        ];
    }
    if (isReady(node)) {
        const pods = sh`kubectl get pods --all-namespaces --field-selector spec.nodeName=${name}`;
        return ["is ready", `a pod there still uses the volume, or is ending: see ${pods}`];
    }
    if (isOutOfService(node)) {
        return [
            "is out of service",
            "see whether a pod with a toleration for that taint is left there, and the log of the CSI driver's controller",
        ];
    }
    return [
        "isn't ready",
        "its pods and volumes wait until it is, or until it is out of service: stop its instance, and run the command again",
    ];
}

function nameOf({ spec }: V1VolumeAttachment): string {
    return spec.source.persistentVolumeName ?? "";
}
