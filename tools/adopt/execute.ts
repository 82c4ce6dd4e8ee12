import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { findProject } from "../engine/project";
import { previewOrThrow } from "../engine/preview";
import { doOrThrow, unattendedFlags } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { withFile } from "../engine/withFile";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import type { Line } from "../terminal/answer";
import { refuse } from "../terminal/confirm";
import type { ExistingDisk } from "./existingDisk";
import { keepForeignFields } from "./foreignFields";
import { importsOf, persistentVolumesOn, strangeSteps } from "./imports";
import { patchOf } from "./patches";
import type { Plan } from "./plan";
import { takeVolumes } from "./released/takeover";
import { StackFile } from "./stackFile";
import type { World } from "./world";

/**
 * Adopts disks. Each step finds out by itself what is left to do, so that the same command goes on after a failure.
 *
 * @throws Error with the first failure.
 */
export async function execute(
    { disks, storages, takeover }: Plan,
    { stack, inventory, stackFile }: World,
    isLocked: boolean,
    pulumi: Pulumi,
    clients: Clients,
    report: (line: Line) => void,
): Promise<void> {
    if (isLocked) {
        await doOrThrow(pulumi, ["cancel", "--yes"]);
    }
    // First of all: from here on nobody who deletes a claim deletes the volume with it.
    await prepare(
        clients,
        disks.filter(({ name }) => !takeover?.absent.has(name)),
    );
    await (takeover && takeVolumes(clients, takeover));
    await stackFile?.add(storages);
    const before = await previewOrThrow(pulumi);
    const inState = new Map(
        (inventory.state?.persistentVolumes ?? []).flatMap(({ name, storage }) =>
            storage ? [[name, storage.urn] as const] : [],
        ),
    );
    const imports = importsOf(disks, before, inState, takeover?.absent);
    const { file, missing, storages: urns, newProviders } = imports;
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
    if (stackFile && takeover) {
        // The names of PersistentVolumes have kept the component from making empty volumes, which it can't any more.
        const written = await StackFile.read(await findProject(), stack);
        await written?.settle(takeover.settled);
    }
    const after = await previewOrThrow(pulumi);
    const strange = strangeSteps(after, urns, persistentVolumesOn(disks, after, takeover?.absent));
    refuse(
        strange.length > 0
            ? `the update would do more than to adopt these disks, and wasn't run: ${strange.join(", ")}`
            : undefined,
    );
    report({ heading: "pulumi up" });
    await doOrThrow(pulumi, ["up", ...unattendedFlags]);
    await doOrThrow(pulumi, ["preview", "--expect-no-changes", "--suppress-outputs"]);
}

/** Makes the PersistentVolumes safe to adopt, those that aren't. */
async function prepare(clients: Clients, disks: readonly ExistingDisk[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    const asPatch = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
    for (const disk of disks) {
        const { name } = disk;
        const body = patchOf(disk);
        try {
            if (body.length > 0) {
                await core.patchPersistentVolume({ name, body }, asPatch);
            }
            await keepForeignFields(core, name);
        } catch (error) {
            throw new Error(`could not patch PersistentVolume ${name}: ${messageOf(error)}`);
        }
    }
}
