import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { stdout } from "node:process";
import { formerPolicyPath } from "../adopt/patches";
import { StackFile } from "../adopt/stackFile";
import { hasDeadLock } from "../engine/lock";
import { findProject } from "../engine/project";
import { doOrThrow, Pulumi, stdoutOrThrow } from "../engine/pulumi";
import { environmentClients } from "../inspect/clients";
import type { Access, Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { regionOf } from "../inspect/stack";
import { readState } from "../inspect/state";
import { formerPolicyAnnotation } from "../inspect/persistentVolumes";
import { printed } from "../terminal/answer";
import type { Answer, Line } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { Failure } from "../terminal/commandLine";
import { confirm } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { table } from "../terminal/table";
import { handOverOf, writeHandOver } from "./handOver";
import { releasedStorages } from "./releasedStorage";
import type { ReleasedStorage } from "./releasedStorage";

/** Options of `release`. */
export interface ReleaseOptions extends ConfirmOptions {
    /** Names of the storages. */
    readonly names: readonly string[];
    readonly stack?: string;
    readonly json?: boolean;
    /** Whether adopted PersistentVolumes get the reclaim policy that they had before. */
    readonly formerPolicy?: boolean;
    /** File to write for another cluster's stack, which takes the disks over. */
    readonly handOver?: string;
}

/** Takes storages out of a stack, and leaves everything of them running. */
export async function release(options: ReleaseOptions & Access): Promise<Answer> {
    const report = (line: Line) => (options.json ? console.error : console.log)(printed(line));
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack ...");
    const isLocked = await hasDeadLock(pulumi, clients);
    const stack = await pulumi.stackName();
    const stackFile = await StackFile.read(await findProject(), stack);
    const exported = stdoutOrThrow(await pulumi.ask(["stack", "export"]));
    const isWritten = (name: string) => stackFile?.storageNames.includes(name) ?? false;
    // The same command, run again after an interruption: the state doesn't have them any more, the settings do.
    const state = readState(exported, "the stack's state");
    const inState = state.storages.map(({ name }) => name);
    const isGone = (name: string) => isWritten(name) && !inState.includes(name);
    const gone = options.names.filter(isGone);
    const storages = releasedStorages(
        exported,
        options.names.filter((name) => !isGone(name)),
    );
    const path = options.handOver;
    const handOver =
        path === undefined
            ? undefined
            : await handOverOf(
                  path,
                  { stack, stackFile, storages, gone, region: await regionOf(clients, state, { stack }) },
                  pulumi,
                  clients,
              );
    describe(storages).forEach(report);
    report({ heading: "then, with no pod stopped and nothing deleted:" });
    stepsOf(options, isLocked, stackFile).forEach((step) => report(`    ${step}`));
    await confirm(options);
    try {
        await (isLocked ? doOrThrow(pulumi, ["cancel", "--yes"]) : undefined);
        if (path !== undefined && handOver) {
            await writeHandOver(path, handOver);
        }
        const urns = storages.flatMap((one) => one.urns);
        if (urns.length > 0) {
            // The state first: settings without a state are refused or do nothing, a state without settings is deleted.
            await doOrThrow(pulumi, ["state", "delete", "--yes", "--force", ...urns]);
        }
        if (options.formerPolicy) {
            const named = options.names.flatMap((name) => stackFile?.persistentVolumesOf(name) ?? []);
            const recorded = storages.flatMap(({ disks }) =>
                disks.map(({ persistentVolume }) => persistentVolume),
            );
            await restorePolicies(clients, [...new Set([...recorded, ...named])]);
        }
        await stackFile?.remove(options.names.filter(isWritten));
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Failure(
            `${reason}\nnothing was deleted: correct the cause, then run the same command again`,
        );
    }
    const verdict = stackFile
        ? `${counted(options.names.length, "storage")} released; the disks go on as they were`
        : `${counted(options.names.length, "storage")} released; take them out of the program before the next pulumi up, which would make them anew`;
    return { status: 0, json: { storages }, unseen: [], lines: [], verdict };
}

function describe(storages: readonly ReleasedStorage[]): Line[] {
    return storages.flatMap(({ name, disks, others }): Line[] => [
        { heading: `storage ${name}: ${counted(disks.length, "disk")}` },
        ...table(
            disks.map(({ ordinal, persistentVolume, volumeId, kept }) => ({
                ordinal,
                persistentVolume,
                volume: volumeId,
                keptVolumes: kept.join(",") || "-",
            })),
        )
            .split("\n")
            .map((line) => `    ${line}`),
        ...(others.length > 0 ? [`    and ${others.join(", ")}`] : []),
    ]);
}

function stepsOf(
    { names, formerPolicy, handOver }: ReleaseOptions,
    isLocked: boolean,
    stackFile: StackFile | undefined,
): string[] {
    return [
        ...(isLocked ? ["pulumi cancel: removes the lock of an update that has ended"] : []),
        ...(handOver === undefined
            ? []
            : [`${handOver}: the disks, for adopt --released in the other stack`]),
        "pulumi state delete: the stack forgets them",
        ...(stackFile ? [`${stackFile.name}: without ${names.join(", ")}`] : []),
        ...(formerPolicy
            ? ["kubectl patch: the reclaim policies that they had before they were adopted"]
            : []),
    ];
}

/** Gives adopted PersistentVolumes the reclaim policy back that they had. */
async function restorePolicies(clients: Clients, names: readonly string[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    for (const name of names) {
        try {
            const { metadata } = await core.readPersistentVolume({ name });
            const policy = metadata?.annotations?.[formerPolicyAnnotation];
            if (policy !== undefined) {
                const body = [
                    { op: "remove", path: formerPolicyPath },
                    { op: "replace", path: "/spec/persistentVolumeReclaimPolicy", value: policy },
                ];
                const asPatch = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
                await core.patchPersistentVolume({ name, body }, asPatch);
            }
        } catch (error) {
            throw new Error(`could not set the reclaim policy of ${name}: ${messageOf(error)}`);
        }
    }
}
