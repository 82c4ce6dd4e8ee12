import { readPreview } from "../engine/preview";
import type { Pulumi } from "../engine/pulumi";
import { refuse } from "../terminal/confirm";
import { examine } from "./existingDisk";
import type { ExistingDisk } from "./existingDisk";
import { plannedStorages } from "./plannedStorages";
import type { PlannedStorage } from "./plannedStorages";
import { selected } from "./selection";
import type { Selection } from "./selection";
import type { World } from "./world";

/** The disks to adopt, and the storages that they become. */
export interface Plan {
    readonly disks: readonly ExistingDisk[];
    /** Disks that can't be adopted and weren't asked for by name. */
    readonly skipped: readonly string[];
    /** Storages that the program doesn't have yet. */
    readonly storages: readonly PlannedStorage[];
}

/** Which disks become which storages. */
export interface Wish extends Selection {
    /** Name of the storage, if there is one only. */
    readonly storage?: string;
    /** Whether the volumes stay outside of the stack, which only uses them. */
    readonly useOnly?: boolean;
}

/**
 * Decides what to do.
 *
 * @throws Error that lists every disk that can't be adopted, if they were asked for by name.
 */
export async function planOf(world: World, options: Wish, pulumi: Pulumi): Promise<Plan> {
    const { inventory, owners, classes, labelled, stackFile } = world;
    const { persistentVolumes } = inventory.cluster;
    const wanted = selected(options, { persistentVolumes, owners, labelled });
    const examined = wanted.map((one) => examine(one, inventory));
    const disks = examined.flatMap((one) => ("disk" in one ? [one.disk] : []));
    const obstacles = examined.flatMap((one) =>
        "disk" in one ? [] : [`PersistentVolume ${one.name} ${one.obstacle}`],
    );
    const isByName = options.names.length > 0;
    refuse(
        (isByName && obstacles.length > 0) || disks.length === 0
            ? `nothing was done:\n${obstacles.map((line) => `  ${line}`).join("\n")}`
            : undefined,
    );
    const known = stackFile?.persistentVolumeNames ?? (await namesInProgram(pulumi));
    const inState = (inventory.state?.persistentVolumes ?? []).map(({ name }) => name);
    const unknown = disks.filter(({ name }) => !known.includes(name) && !inState.includes(name));
    return {
        disks,
        skipped: obstacles.map((line) => `left out: ${line}`),
        storages: plannedStorages(unknown, {
            owners,
            classes,
            takenNames: [
                ...(stackFile?.storageNames ?? []),
                ...(inventory.state?.storages ?? []).map(({ name }) => name),
            ],
            name: options.storage,
            usesOnly: options.useOnly ?? false,
        }),
    };
}

/** Names of the PersistentVolumes that a program in code would create. */
async function namesInProgram(pulumi: Pulumi): Promise<string[]> {
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    refuse(preview.problem && `the program can't be previewed: ${preview.problem}`);
    return preview.objects.flatMap(({ kind, name }) => (kind === "PersistentVolume" ? [name] : []));
}
