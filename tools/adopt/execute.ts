import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { readPreview } from "../engine/preview";
import type { Preview } from "../engine/preview";
import { doOrThrow, unattendedFlags } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { withFile } from "../engine/withFile";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { formerPolicyAnnotation } from "../inspect/persistentVolumes";
import type { Line } from "../terminal/answer";
import { refuse } from "../terminal/confirm";
import type { ExistingDisk } from "./existingDisk";
import { importsOf, strangeSteps } from "./imports";
import { unsafeOf } from "./plan";
import type { Plan } from "./plan";
import type { World } from "./world";

/**
 * Adopts disks. Each step finds out by itself what is left to do, so that the same command goes on after a failure.
 *
 * @throws Error with the first failure.
 */
export async function execute(
    { disks, storages }: Plan,
    { inventory, stackFile }: World,
    isLocked: boolean,
    pulumi: Pulumi,
    clients: Clients,
    report: (line: Line) => void,
): Promise<void> {
    if (isLocked) {
        await doOrThrow(pulumi, ["cancel", "--yes"]);
    }
    // First of all: from here on nobody who deletes a claim deletes the volume with it.
    await retain(clients, unsafeOf(disks));
    await stackFile?.add(storages);
    const before = await previewOrThrow(pulumi);
    const inState = new Map(
        (inventory.state?.persistentVolumes ?? []).flatMap(({ name, storage }) =>
            storage ? [[name, storage.urn] as const] : [],
        ),
    );
    const { file, missing, storages: urns, newProviders } = importsOf(disks, before, inState);
    refuse(missing.length > 0 ? `the program has no PersistentVolume ${missing.join(", ")}` : undefined);
    refuse(
        newProviders.length > 0
            ? `the state doesn't have the provider ${newProviders.join(", ")} yet: run pulumi up once without these storages`
            : undefined,
    );
    if (file !== undefined) {
        report({ heading: "pulumi import" });
        const args = ["import", ...unattendedFlags, "--protect=true", "--generate-code=false", "--file"];
        await withFile(file, (path) => doOrThrow(pulumi, [...args, ...path]));
    }
    const after = await previewOrThrow(pulumi);
    const strange = strangeSteps(after, urns);
    refuse(
        strange.length > 0
            ? `the update would do more than to adopt these disks, and wasn't run: ${strange.join(", ")}`
            : undefined,
    );
    report({ heading: "pulumi up" });
    await doOrThrow(pulumi, ["up", ...unattendedFlags]);
    await doOrThrow(pulumi, ["preview", "--expect-no-changes", "--suppress-outputs"]);
}

/** Reclaim policy Retain, for PersistentVolumes that are still on the same volume. */
async function retain(clients: Clients, disks: readonly ExistingDisk[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    for (const { name, volumeId, reclaimPolicy, hasAnnotations } of disks) {
        const annotation = formerPolicyAnnotation.replaceAll("/", "~1");
        const body = [
            { op: "test", path: "/spec/csi/volumeHandle", value: volumeId },
            ...(hasAnnotations ? [] : [{ op: "add", path: "/metadata/annotations", value: {} }]),
            { op: "add", path: `/metadata/annotations/${annotation}`, value: reclaimPolicy },
            { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: "Retain" },
        ];
        await core
            .patchPersistentVolume({ name, body }, setHeaderOptions("Content-Type", PatchStrategy.JsonPatch))
            .catch((error: unknown) => {
                throw new Error(`could not set the reclaim policy of ${name}: ${messageOf(error)}`);
            });
    }
}

async function previewOrThrow(pulumi: Pulumi): Promise<Preview> {
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    refuse(preview.problem && `pulumi preview failed: ${preview.problem}`);
    return preview;
}
