import type { Volume } from "@aws-sdk/client-ec2";
import { ApiException, CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import type { KubernetesObject, V1PersistentVolume } from "@kubernetes/client-node";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { describeVolumes } from "../inspect/ec2";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { regionOf } from "../inspect/stack";
import { volumeIdOf } from "../inspect/persistentVolumes";
import { directoryOf } from "./backend";
import type { StateFolder } from "./backend";
import { isMadeByPulumi, sortPresent } from "./objects";
import type { LiveObject, Present } from "./objects";
import type { Evidence } from "./plan";
import { plannedObject, plannedVolume, readPreview } from "./preview";
import type { PlannedObject } from "./preview";
import { errorOf } from "./pulumi";
import type { Answer, Pulumi } from "./pulumi";
import { beginning, readRecoverState } from "./recoverState";
import type { RecoverState } from "./recoverState";
import { leftVolumes } from "./leftVolumes";

/** Lets the one update take over what the interrupted one made without writing it down. */
export const upsert = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" };

/** Kind and name of an object in the cluster. */
type ObjectKey = Pick<PlannedObject, "apiVersion" | "kind" | "namespace" | "name">;

/** The folder that has the stack's state; undefined if its backend isn't in files. */
export async function findStateFolder(
    pulumi: Pulumi,
    stack: string | undefined,
    { environment }: Pick<Clients, "environment">,
): Promise<StateFolder | undefined> {
    const answer = await pulumi.ask(["whoami", "--json"]);
    // Without an answer, most likely a file beside the state can't be read.
    const url =
        answer.code === 0
            ? (JSON.parse(answer.stdout) as { url: string }).url
            : environment["PULUMI_BACKEND_URL"];
    const directory = directoryOf(url ?? "");
    if (directory === undefined) {
        return undefined;
    }
    const selected = stack === undefined ? await pulumi.ask(["stack", "--show-name"]) : undefined;
    const named = selected?.code === 0 ? selected.stdout.trim() : stack;
    return { directory, project: await projectName(process.cwd()), stack: named?.split("/").at(-1) };
}

/** Everything that is known of a stack before anything is changed. */
export async function readEvidence(
    pulumi: Pulumi,
    clients: Clients,
    folder: StateFolder | undefined,
    { locks, wasCancelled }: Pick<Evidence, "locks" | "wasCancelled">,
): Promise<Evidence> {
    const stack = folder?.stack ?? must(await pulumi.ask(["stack", "--show-name"])).trim();
    const state = readRecoverState(must(await pulumi.ask(["stack", "export"])));
    const preview = readPreview(await pulumi.ask(["preview", "--refresh", "--json"], upsert), state.deleted);
    const unseen: string[] = [];
    const api = objectApi(clients);
    const persistentVolumes = await listPersistentVolumes(clients);
    const present = await Promise.all(preview.objects.map((planned) => liveObject(api, planned)));
    const interrupted = new Set(state.operations.map(({ goal }) => goal.urn));
    const names = [...state.objects, ...preview.objects].filter(({ kind }) => kind === "PersistentVolume");
    const ours = {
        interrupted,
        volumeIds: new Set(state.volumes.values()),
        persistentVolumeNames: new Set(names.map(({ name }) => name)),
        persistentVolumes,
    };
    const left = await lookForVolumes(pulumi, clients, state, preview, persistentVolumes).catch(
        (error: unknown) => {
            unseen.push(
                `EC2 wasn't looked at: ${messageOf(error)}; npm run doctor lists volumes that nobody knows`,
            );
            return { takenBack: [], listed: [] };
        },
    );
    const there = present.filter((one): one is Present => one !== undefined);
    const leftObjects = await lookForObjects(api, state, preview);
    return {
        stack,
        locks,
        wasCancelled,
        state,
        preview,
        unseen,
        leftObjects,
        ...sortPresent(there, ours),
        ...left,
    };
}

/** Objects that interrupted updates were making, that are there, and that the next update doesn't make. */
async function lookForObjects(
    api: KubernetesObjectApi,
    state: RecoverState,
    preview: Evidence["preview"],
): Promise<PlannedObject[]> {
    const known = new Set([...state.urns, ...preview.objects.map(({ urn }) => urn)]);
    const begun = state.operations
        .filter(({ type, goal }) => type === "creating" && !known.has(goal.urn))
        .flatMap(({ goal }) => plannedObject(goal) ?? []);
    const found = await Promise.all(begun.map((planned) => liveObject(api, planned)));
    return found.flatMap((one) => (one && isMadeByPulumi(one.live) ? [one.planned] : []));
}

/** The object in the cluster; undefined if there is none. */
export async function readObject(api: KubernetesObjectApi, key: ObjectKey): Promise<LiveObject | undefined> {
    const { apiVersion, kind, namespace, name } = key;
    try {
        const { metadata } = await api.read({ apiVersion, kind, metadata: { namespace, name } });
        return { managers: (metadata?.managedFields ?? []).flatMap(({ manager }) => manager ?? []) };
    } catch (error) {
        if (error instanceof ApiException && error.code === 404) {
            return undefined;
        }
        throw new Error(`${kind} ${name} can't be looked at: ${messageOf(error)}`);
    }
}

/** A client for objects of any kind. */
export function objectApi({ kubeConfig }: Pick<Clients, "kubeConfig">): KubernetesObjectApi {
    return KubernetesObjectApi.makeApiClient(kubeConfig());
}

/** Needs no more rights than the stack has: what else is in the cluster doesn't matter here. */
async function listPersistentVolumes({ kubeConfig }: Clients): Promise<V1PersistentVolume[]> {
    const config = kubeConfig();
    try {
        return (await config.makeApiClient(CoreV1Api).listPersistentVolume()).items;
    } catch (error) {
        throw new Error(
            `the cluster of context ${config.getCurrentContext()} can't be looked at: ${messageOf(error)}`,
        );
    }
}

/** An object as far as a request has to name it. */
export function bare({ apiVersion, kind, namespace, name }: ObjectKey): KubernetesObject {
    return { apiVersion, kind, metadata: { namespace, name } };
}

async function liveObject(api: KubernetesObjectApi, planned: PlannedObject): Promise<Present | undefined> {
    const live = await readObject(api, planned);
    return live && { planned, live };
}

async function lookForVolumes(
    pulumi: Pulumi,
    clients: Clients,
    state: RecoverState,
    preview: Evidence["preview"],
    persistentVolumes: readonly V1PersistentVolume[],
): Promise<Pick<Evidence, "takenBack" | "listed">> {
    const goals = state.operations.filter(({ type }) => type === "creating").map(({ goal }) => goal);
    const interrupted = goals.filter(({ type }) => type === "aws:ebs/volume:Volume").map(plannedVolume);
    if (interrupted.length === 0) {
        return { takenBack: [], listed: [] };
    }
    const history = must(await pulumi.ask(["stack", "history", "--json", "--page-size", "100"]));
    const names = interrupted.flatMap(({ tags }) => tags.KubernetesCluster ?? []);
    return leftVolumes({
        interrupted,
        planned: preview.volumes,
        volumes: await volumesOf(clients, [...new Set(names)], await regionOf(clients, state.state, {})),
        used: new Set([
            ...persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
            ...state.volumes.values(),
        ]),
        urns: state.urns,
        since: beginning(history, state),
    });
}

async function volumesOf(
    clients: Clients,
    clusters: readonly string[],
    region: string | undefined,
): Promise<Volume[]> {
    const client = clients.ec2(region);
    try {
        return await describeVolumes(client, "tag:KubernetesCluster", clusters);
    } finally {
        client.destroy();
    }
}

/** Pulumi Cloud knows whether an update is under way, and tells nothing of its process. */
export async function isSaidToUpdate(pulumi: Pulumi): Promise<boolean> {
    const stack = must(await pulumi.ask(["stack", "--show-name"])).trim();
    const { code, stdout } = await pulumi.ask(["stack", "ls", "--json"]);
    const stacks = code === 0 ? (JSON.parse(stdout) as { name: string; updateInProgress?: boolean }[]) : [];
    return stacks.some(
        ({ name, updateInProgress }) => name.split("/").at(-1) === stack && updateInProgress === true,
    );
}

async function projectName(folder: string): Promise<string> {
    const settings = await readFile(join(folder, "Pulumi.yaml"), "utf8").catch(() => undefined);
    if (settings !== undefined) {
        return String((parse(settings) as { name?: string }).name);
    }
    if (dirname(folder) === folder) {
        throw new Error("no Pulumi.yaml in this folder or above it: run this in the stack's folder");
    }
    return projectName(dirname(folder));
}

/** @throws Error with what the CLI says. */
function must(answer: Answer): string {
    if (answer.code !== 0) {
        throw new Error(`pulumi says "${errorOf(answer)}"`);
    }
    return answer.stdout;
}
