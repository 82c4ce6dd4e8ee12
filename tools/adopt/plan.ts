import type { V1PersistentVolume } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";
import { readPreview } from "../engine/preview";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import type { Inventory } from "../inspect/inventory";
import { isOfComponent, tagsOf } from "../inspect/tags";
import { grouped } from "../inspect/grouped";
import { volumesById } from "../inspect/ec2";
import { nameOf, volumeIdOf } from "../inspect/persistentVolumes";
import { refuse } from "../terminal/confirm";
import { ownCommand } from "../terminal/ownCommand";
import { examine } from "./existingDisk";
import type { Examined, ExistingDisk } from "./existingDisk";
import { isManaged } from "./managed";
import { plannedStorages } from "./plannedStorages";
import type { PlannedStorage } from "./plannedStorages";
import { releasedPlan } from "./released/releasedPlan";
import type { Takeover } from "./released/takeover";
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
    /** If the disks come from another cluster's stack. */
    readonly takeover?: Takeover;
}

/** Which disks become which storages. */
export interface Wish extends Selection {
    /** Name of the storage, if there is one only. */
    readonly storage?: string;
    /** Whether the volumes stay outside of the stack, which only uses them. */
    readonly useOnly?: boolean;
    /** A file that `release --hand-over` has written in another cluster's stack, in place of a selection. */
    readonly released?: string;
}

/**
 * Decides what to do.
 *
 * @throws Error that lists every disk that can't be adopted, if they were asked for by name.
 */
export async function planOf(world: World, options: Wish, pulumi: Pulumi, clients: Clients): Promise<Plan> {
    if (options.released !== undefined) {
        refuse(
            options.names.length > 0
                ? "names of PersistentVolumes can't be combined with --released, whose file has them"
                : undefined,
        );
        const known = await namesInProgram(world, pulumi);
        return { ...(await releasedPlan(options.released, world, known, clients)), skipped: [] };
    }
    const { inventory, owners, classes, labelled, stackFile, otherStacks, isUnfinished } = world;
    const { persistentVolumes } = inventory.cluster;
    const found = selected(options, { persistentVolumes, owners, labelled });
    const own = isUnfinished ? [] : found.filter((one) => isManaged(one, inventory.state));
    const wanted = found.filter((one) => !own.includes(one));
    const examined = wanted.map((one) => ofOtherStack(one, world) ?? examine(one, inventory));
    const disks = examined.flatMap((one) => ("disk" in one ? [one.disk] : []));
    const obstacles = obstaclesOf(examined);
    const isByName = options.names.length > 0;
    refuse(
        (isByName && obstacles.length > 0) || (disks.length === 0 && own.length === 0)
            ? `nothing was done:\n${obstacles.map((line) => `  ${line}`).join("\n")}`
            : undefined,
    );
    const known = await namesInProgram(world, pulumi);
    const inState = (inventory.state?.persistentVolumes ?? []).map(({ name }) => name);
    const taken = new Set([...known, ...inState]);
    const unknown = disks.filter(({ name }) => !taken.has(name));
    return {
        disks,
        skipped: [
            ...(own.length > 0
                ? [`left out, since the stack has them already: ${own.map(nameOf).join(", ")}`]
                : []),
            ...obstacles.map((line) => `left out: ${line}`),
            ...perhapsAnothers(disks, inventory),
            ...otherStacks.unseen,
        ],
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

/** Why disks can't be adopted: a line for each reason, since all disks of another stack's storage have the same one. */
export function obstaclesOf(examined: readonly Examined[]): string[] {
    const refused = examined.flatMap((one) => ("disk" in one ? [] : [one]));
    return grouped(refused, ({ obstacle }) => obstacle).map(([obstacle, all]) =>
        all.length === 1
            ? `PersistentVolume ${all[0].name} ${obstacle}`
            : `PersistentVolumes ${all.map(({ name }) => name).join(", ")}: each ${obstacle}`,
    );
}

/** A stack of another project can't be seen from here: the tags of its volumes are all that tells of it. */
export function perhapsAnothers(
    disks: readonly ExistingDisk[],
    { ec2, state }: Pick<Inventory, "ec2" | "state">,
): string[] {
    const volumes = ec2 && volumesById(ec2);
    const own = new Set(
        [...(state?.volumes ?? []), ...(state?.persistentVolumes ?? [])].map((one) => one.volumeId),
    );
    const names = disks
        .filter(({ volumeId }) => !own.has(volumeId) && isOfComponent(tagsOf(volumes?.get(volumeId) ?? {})))
        .map(({ name }) => name);
    return names.length === 0
        ? []
        : [
              `made by a stack of this component, by the tags of the volumes: ${names.join(", ")}; adopt them only if no stack of another project has them any more`,
          ];
}

/** Why a plan that was confirmed can't be carried out any more, by the plan of now. */
export function changeOf(shown: Plan, now: Plan): string | undefined {
    // Pods may come and go.
    const isIn = ({ disks }: Plan, disk: ExistingDisk) =>
        disks.some((one) => isDeepStrictEqual({ ...one, pods: [] }, { ...disk, pods: [] }));
    const changed = [
        ...shown.disks.filter((disk) => !isIn(now, disk)),
        ...now.disks.filter((disk) => !isIn(shown, disk)),
    ].map(({ name }) => `PersistentVolume ${name}`);
    const isSame = changed.length === 0 && isDeepStrictEqual(shown.storages, now.storages);
    return isSame
        ? undefined
        : `nothing was done: ${[...new Set(changed)].join(", ") || "the stack's storages"} changed after you were asked; run the same command again`;
}

/** Two stacks of one disk would undo each other's changes, and either could delete it. */
function ofOtherStack(one: V1PersistentVolume, { otherStacks }: World): Examined | undefined {
    const other = otherStacks.byVolume.get(volumeIdOf(one) ?? "");
    return (
        other && {
            name: nameOf(one),
            obstacle: `is of storage ${other.storage} of stack ${other.stack}: take it out there first, ${ownCommand("release")} ${other.storage} --stack=${other.stack}`,
        }
    );
}

/** Names of the PersistentVolumes that the settings name, or that a program in code would create. */
async function namesInProgram({ stackFile }: World, pulumi: Pulumi): Promise<string[]> {
    if (stackFile) {
        return stackFile.persistentVolumeNames;
    }
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    refuse(preview.problem && `the program can't be previewed: ${preview.problem}`);
    return preview.objects.flatMap(({ kind, name }) => (kind === "PersistentVolume" ? [name] : []));
}
