import { StorageV1Api } from "@kubernetes/client-node";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillAccount } from "../../../sandbox/accounts";
import type { Account } from "../../../sandbox/accounts";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { standIn } from "../../../sandbox/engine";
import type { ProgramRun } from "../../../sandbox/engine/program";
import { SandboxReader } from "../../../sandbox/readBack";
import { environmentOf, startOnlyCluster, startOnlyEc2, startServers } from "../../../sandbox/servers";
import type { Servers } from "../../../sandbox/servers";
import { borrowCluster, returnCluster } from "./sharedCluster";

/** The first start on a machine compiles the control plane. */
export const firstStart = 30 * 60_000;

/** Folder of the project. */
export const project = join(__dirname, "..", "..", "..");

/** Servers for the tests of one file, and a folder for its files. */
export interface Sandbox {
    readonly servers: Servers;
    readonly directory: string;
    /** Stops the file's servers, and removes its leftovers. */
    readonly end: () => Promise<void>;
}

/**
 * Servers for the tests of one file: its own account, and a cluster that the files of a process use in turn.
 */
export async function startSandbox(account?: Account): Promise<Sandbox> {
    const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
    const [ec2, cluster] = await Promise.all([
        startOnlyEc2({ directory, mode: "attached", report: () => undefined }),
        borrowCluster(),
    ]);
    const where = { ...ec2, kubeconfig: cluster.kubeconfig };
    const servers = { ...where, environment: environmentOf(where) };
    return filled({ servers, directory, end: () => returnCluster(cluster) }, account);
}

/** The same with a cluster of its own, for tests that change the cluster itself. */
export async function startOwnSandbox(account?: Account): Promise<Sandbox> {
    const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
    const servers = await startServers({ directory, mode: "attached", report: () => undefined });
    return filled({ servers, directory, end: () => Promise.resolve() }, account);
}

/** Another cluster in a sandbox's account. End it before the sandbox. */
export async function startSecondCluster(first: Servers, account: Account): Promise<Sandbox> {
    const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
    const cluster = await startOnlyCluster({ directory, mode: "attached", report: () => undefined });
    const { ec2Endpoint, region } = first;
    const where = { ...cluster, ec2Endpoint, region };
    const servers = { ...where, environment: environmentOf(where) };
    return filled({ servers, directory, end: () => Promise.resolve() }, account);
}

async function filled({ servers, directory, end }: Sandbox, account?: Account): Promise<Sandbox> {
    if (account) {
        await fillAccount(servers, account);
    }
    return {
        servers,
        directory,
        end: async () => {
            await servers.stop();
            await end();
            rmSync(directory, { recursive: true, force: true });
        },
    };
}

/** Config of a stack: the region, the program's settings, and those with another namespace such as aws:defaultTags. */
export function stackConfig(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const own = Object.entries(settings).map(([key, value]): [string, unknown] => [
        key.includes(":") ? key : `zonal-persistent-storage:${key}`,
        value,
    ]);
    return Object.fromEntries([["aws:region", "eu-west-1"], ...own]);
}

/** Deploys the program with the stand-in for the engine. */
export function bringUp(servers: Servers, settings: Readonly<Record<string, unknown>>): Promise<ProgramRun> {
    const stack = {
        directory: project,
        main: join(project, "index.ts"),
        project: "zonal-persistent-storage",
        stack: "test",
        config: stackConfig(settings),
    };
    return standIn(stack, servers).up(() => undefined);
}

/** Names of all resources that a program may have created: volumes, PersistentVolumes and StorageClasses. */
export async function remainingResources(servers: Servers): Promise<string[]> {
    const readBack = new SandboxReader(servers);
    const [volumes, persistentVolumes, classes] = await Promise.all([
        readBack.volumeIds(),
        readBack.persistentVolumes(),
        storageApi(servers).listStorageClass(),
    ]);
    const names = [...persistentVolumes, ...classes.items].map(({ metadata }) => metadata?.name ?? "");
    return [...volumes, ...names];
}

/** The cluster's API for StorageClasses. */
export function storageApi(servers: Servers): StorageV1Api {
    return kubeConfig(servers).makeApiClient(StorageV1Api);
}
