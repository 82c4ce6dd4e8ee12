import { CoreV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import { rename, stat, writeFile } from "node:fs/promises";
import { handedPersistentVolume, readHandOver } from "../adopt/released/handOverFile";
import type { HandedStorage, HandOver } from "../adopt/released/handOverFile";
import type { StackFile } from "../adopt/stackFile";
import type { Pulumi } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { persistentVolumeFields } from "../inspect/fields";
import { listed } from "../inspect/pages";
import { nameOf, volumeIdOf } from "../inspect/persistentVolumes";
import { refuse } from "../terminal/confirm";
import type { ReleasedStorage } from "./releasedStorage";
import { storageSettings } from "./storageSettings";

/** Where storages are released, and what of them was released before. */
export interface ReleasedFrom {
    readonly stack: string;
    readonly stackFile: StackFile | undefined;
    /** Storages that the state has, each with its disks. */
    readonly storages: readonly ReleasedStorage[];
    /** Names of storages that a command that was interrupted has taken out of the state. */
    readonly gone: readonly string[];
    /** Region of the stack's AWS provider, if known. */
    readonly region: string | undefined;
}

/**
 * Content of the file with which another cluster's stack takes over the disks. It changes nothing.
 *
 * @throws Error that lists every reason why they can't be handed over.
 */
export async function handOverOf(
    path: string,
    { stack, stackFile, storages, gone, region: ofStack }: ReleasedFrom,
    pulumi: Pulumi,
    clients: Clients,
): Promise<HandOver | undefined> {
    const before = await existingFile(path);
    const names = [...gone, ...storages.map(({ name }) => name)];
    const foreign = before?.storages.find(({ name }) => !names.includes(name));
    refuse(
        before && (before.stack !== stack || foreign)
            ? `--hand-over must be a new file: ${path} has ${foreign ? `storage ${foreign.name}` : "storages"} of stack ${before.stack}`
            : undefined,
    );
    const lost = gone.filter((name) => !before?.storages.some((one) => one.name === name));
    refuse(
        lost.length > 0
            ? `the state doesn't have ${lost.join(", ")} any more, and ${path} doesn't either: finish without --hand-over, and in the other cluster import the disks as docs/volumes.md says of retained volumes`
            : undefined,
    );
    if (storages.length === 0) {
        return before;
    }
    const { cluster, region, account } = placeOf(storages, ofStack);
    const live = await persistentVolumesByName(clients);
    refuseAll(storages.flatMap((storage) => persistentVolumeProblems(storage, live)));
    const handed: HandedStorage[] = [];
    for (const { name, inputs, disks } of storages) {
        handed.push({
            name,
            settings: await storageSettings(name, inputs, stackFile, pulumi),
            disks: disks.map(({ ordinal, persistentVolume }) => ({
                ordinal,
                persistentVolume: handedPersistentVolume(live.get(persistentVolume) ?? {}),
            })),
        });
    }
    const others = (before?.storages ?? []).filter((one) => gone.includes(one.name));
    return { version: 1, cluster, region, account, stack, storages: [...others, ...handed] };
}

/** Writes the file whole, even if this process is killed. */
export async function writeHandOver(path: string, content: HandOver): Promise<void> {
    await writeFile(`${path}.new`, `${JSON.stringify(content, undefined, 4)}\n`);
    await rename(`${path}.new`, path);
}

async function existingFile(path: string): Promise<HandOver | undefined> {
    const exists = await stat(path).then(
        () => true,
        () => false,
    );
    return exists ? readHandOver(path) : undefined;
}

/** The one cluster, account and region of storages. */
export function placeOf(
    storages: readonly ReleasedStorage[],
    ofStack: string | undefined,
): Pick<HandOver, "cluster" | "region" | "account"> {
    const only = (what: string, values: readonly string[]): string | undefined => {
        const [first, ...others] = new Set(values);
        refuse(
            others.length > 0
                ? `the storages are in several ${what}, ${[first, ...others].join(", ")}: release them one by one`
                : undefined,
        );
        return first;
    };
    const cluster = only(
        "clusters",
        storages.flatMap(({ inputs }) => (typeof inputs.clusterName === "string" ? inputs.clusterName : [])),
    );
    const places = storages.flatMap(({ places }) => places);
    // A storage that only uses volumes has none in the state.
    const region =
        only(
            "regions",
            places.map((one) => one.region),
        ) ?? ofStack;
    const account = only(
        "accounts",
        places.flatMap((one) => one.account ?? []),
    );
    if (cluster === undefined || region === undefined) {
        throw new Error(
            `the state doesn't tell the ${cluster === undefined ? "name of the cluster" : "region of the volumes"}: run pulumi up first`,
        );
    }
    return { cluster, region, account };
}

async function persistentVolumesByName(clients: Clients): Promise<Map<string, V1PersistentVolume>> {
    const config = clients.kubeConfig();
    const core = config.makeApiClient(CoreV1Api);
    try {
        const all = await listed<V1PersistentVolume>(
            (...page) => core.listPersistentVolume(...page),
            persistentVolumeFields,
        );
        return new Map(all.map((one) => [nameOf(one), one]));
    } catch (error) {
        throw new Error(
            `could not read the cluster of context ${config.getCurrentContext()}: ${messageOf(error)}`,
        );
    }
}

/** Whoever deletes the PersistentVolume in this cluster later must not delete the volume with it. */
export function persistentVolumeProblems(
    { disks }: ReleasedStorage,
    live: ReadonlyMap<string, V1PersistentVolume>,
): string[] {
    return disks.flatMap(({ persistentVolume: name, volumeId }) => {
        const one = live.get(name);
        if (!one) {
            return [`the cluster has no PersistentVolume ${name}: check the context, or run pulumi up first`];
        }
        if (volumeIdOf(one) !== volumeId) {
            return [
                `PersistentVolume ${name} is on volume ${volumeIdOf(one)} in the cluster, and on ${volumeId} in the state: run doctor first`,
            ];
        }
        const policy = one.spec?.persistentVolumeReclaimPolicy;
        return policy === "Retain"
            ? []
            : [
                  `PersistentVolume ${name} has reclaim policy ${policy}, with which its deletion in this cluster would delete the volume: run pulumi refresh and pulumi up first, which set Retain`,
              ];
    });
}

function refuseAll(problems: readonly string[]): void {
    refuse(
        problems.length > 0
            ? `nothing was done:\n${problems.map((line) => `  ${line}`).join("\n")}`
            : undefined,
    );
}
