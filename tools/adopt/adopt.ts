import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { stdout } from "node:process";
import { isAlive, locksIn } from "../engine/backend";
import { readPreview } from "../engine/preview";
import type { Preview } from "../engine/preview";
import { findStateFolder } from "../engine/project";
import { errorOf, Pulumi, unattendedFlags } from "../engine/pulumi";
import { withFile } from "../engine/withFile";
import { environmentClients } from "../inspect/clients";
import type { Access, Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import type { Target } from "../inspect/target";
import { printed } from "../terminal/answer";
import type { Answer, Line } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { Failure } from "../terminal/commandLine";
import { confirm, refuse } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { describeDisks, describeSettings } from "./describe";
import { examine } from "./existingDisk";
import type { ExistingDisk } from "./existingDisk";
import { importsOf, strangeSteps } from "./imports";
import { patchOf } from "./patches";
import { plannedStorages } from "./plannedStorages";
import type { PlannedStorage } from "./plannedStorages";
import { selected } from "./selection";
import type { Selection } from "./selection";
import { readWorld } from "./world";
import type { World } from "./world";

/** Options of `adopt`. */
export interface AdoptOptions extends Target, ConfirmOptions, Selection {
    readonly json?: boolean;
    /** Name of the storage, if there is one only. */
    readonly storage?: string;
    /** Whether the volumes stay outside of the stack, which only uses them. */
    readonly useOnly?: boolean;
}

/** The work, by what was read. */
interface Plan {
    readonly disks: readonly ExistingDisk[];
    /** Disks that can't be adopted and weren't asked for by name. */
    readonly skipped: readonly string[];
    /** Storages that the program doesn't have yet. */
    readonly storages: readonly PlannedStorage[];
}

/** Takes disks that exist into a stack, while they are in use. */
export async function adopt(options: AdoptOptions & Access): Promise<Answer> {
    const report = (line: Line) => (options.json ? console.error : console.log)(printed(line));
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack, the cluster and EC2 ...");
    const isLocked = await hasDeadLock(pulumi, clients, options.stack);
    const world = await readWorld(pulumi, clients, options, options.selector);
    const plan = await planOf(world, options, pulumi);
    describeDisks(plan.disks, options.useOnly ?? false).forEach(report);
    plan.skipped.forEach(report);
    if (plan.storages.length > 0) {
        describeSettings(plan.storages, world.stackFile?.name).forEach(report);
    }
    if (plan.storages.length > 0 && !world.stackFile && !options.dryRun) {
        throw new Error(
            `nothing was done: the program has its storages in code; add the above to it, then run ${ownCommand("adopt")} again with the same disks`,
        );
    }
    stepsOf(plan, world, isLocked).forEach(report);
    await confirm(options);
    try {
        await execute(plan, world, isLocked, pulumi, clients, report);
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Failure(
            `${reason}\nno pod was touched: correct the cause, then run the same command again`,
        );
    }
    return {
        status: 0,
        json: { disks: plan.disks, skipped: plan.skipped, storages: storagesJson(plan.storages) },
        unseen: [],
        lines: [],
        verdict: `${counted(plan.disks.length, "disk")} adopted, and a preview shows no changes`,
    };
}

/** Whether an update that has ended left its lock. */
async function hasDeadLock(pulumi: Pulumi, clients: Clients, stack: string | undefined): Promise<boolean> {
    const folder = await findStateFolder(pulumi, stack, clients);
    const locks = folder ? locksIn(folder) : [];
    const foreign = locks.find((lock) => isAlive(lock) !== false);
    refuse(
        foreign &&
            `another update may be running: process ${foreign.pid} of ${foreign.username} on ${foreign.hostname}, since ${foreign.timestamp}; wait for it to end`,
    );
    return locks.length > 0;
}

async function planOf(world: World, options: AdoptOptions, pulumi: Pulumi): Promise<Plan> {
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

function stepsOf({ disks, storages }: Plan, { stackFile }: World, isLocked: boolean): Line[] {
    const unsafe = disks.filter(({ reclaimPolicy }) => reclaimPolicy !== "Retain");
    const released = disks.filter(({ isReleased }) => isReleased);
    return [
        { heading: "then, with no pod stopped:" },
        ...(isLocked ? ["    pulumi cancel: removes the lock of an update that has ended"] : []),
        ...(unsafe.length > 0
            ? [`    kubectl patch: reclaim policy Retain for ${unsafe.map(({ name }) => name).join(", ")}`]
            : []),
        ...(released.length > 0
            ? [
                  `    kubectl patch: no uid of a deleted claim for ${released.map(({ name }) => name).join(", ")}, which a new claim of the same name then gets`,
              ]
            : []),
        ...(storages.length > 0
            ? [`    ${stackFile?.name}: ${storages.map(({ name }) => `storage ${name}`).join(", ")}`]
            : []),
        "    pulumi import: PersistentVolumes and volumes",
        "    pulumi preview: must replace and delete nothing",
        "    pulumi up: labels, tags, protection",
        "    pulumi preview: must show no changes",
    ];
}

async function execute(
    { disks, storages }: Plan,
    { inventory, stackFile }: World,
    isLocked: boolean,
    pulumi: Pulumi,
    clients: Clients,
    report: (line: Line) => void,
): Promise<void> {
    if (isLocked) {
        await must(pulumi, ["cancel", "--yes"]);
    }
    // First of all: from here on nobody who deletes a claim deletes the volume with it.
    await prepare(clients, disks);
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
        await withFile(file, (path) => must(pulumi, [...args, ...path]));
    }
    const after = await previewOrThrow(pulumi);
    const strange = strangeSteps(after, urns);
    refuse(
        strange.length > 0
            ? `the update would do more than to adopt these disks, and wasn't run: ${strange.join(", ")}`
            : undefined,
    );
    report({ heading: "pulumi up" });
    await must(pulumi, ["up", ...unattendedFlags]);
    await must(pulumi, ["preview", "--expect-no-changes", "--suppress-outputs"]);
}

/** Makes the PersistentVolumes safe to adopt, those that aren't. */
async function prepare(clients: Clients, disks: readonly ExistingDisk[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    for (const disk of disks) {
        const { name } = disk;
        const body = patchOf(disk);
        if (body.length > 0) {
            await core
                .patchPersistentVolume(
                    { name, body },
                    setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
                )
                .catch((error: unknown) => {
                    throw new Error(`could not patch PersistentVolume ${name}: ${messageOf(error)}`);
                });
        }
    }
}

async function previewOrThrow(pulumi: Pulumi): Promise<Preview> {
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    refuse(preview.problem && `pulumi preview failed: ${preview.problem}`);
    return preview;
}

async function must(pulumi: Pulumi, args: readonly string[]): Promise<void> {
    const answer = await pulumi.do(args);
    refuse(answer.code === 0 ? undefined : `pulumi ${args[0]} failed: ${errorOf(answer)}`);
}

function storagesJson(storages: readonly PlannedStorage[]): object {
    return Object.fromEntries(storages.map(({ name, settings }) => [name, settings]));
}
