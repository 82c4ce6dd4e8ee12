import { CoreV1Api, KubernetesObjectApi } from "@kubernetes/client-node";
import type { KubernetesObject, V1PersistentVolume } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { messageOf, undefinedIfNotFound } from "../inspect/errors";
import type { StateFolder } from "../engine/backend";
import { isMadeByPulumi, sortPresent } from "./objects";
import type { LiveObject, ExistingObject } from "./objects";
import type { Evidence } from "./plan";
import { plannedObject, readPreview } from "../engine/preview";
import type { PlannedObject, Preview } from "../engine/preview";
import { stdoutOrThrow } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { readRecoverState } from "./recoverState";
import type { RecoverState } from "./recoverState";
import { findUnrecorded } from "./unrecorded";

/** Lets an update take over existing objects: those that the interrupted one created but did not record. */
export const upsert = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" };

/** Kind and name of an object in the cluster. */
type ObjectKey = Pick<PlannedObject, "apiVersion" | "kind" | "namespace" | "name">;

/** Reads everything about a stack, without changing anything. */
export async function readEvidence(
    pulumi: Pulumi,
    clients: Clients,
    folder: StateFolder | undefined,
    { locks, wasCancelled }: Pick<Evidence, "locks" | "wasCancelled">,
): Promise<Evidence> {
    const stack = folder?.stack ?? stdoutOrThrow(await pulumi.ask(["stack", "--show-name"])).trim();
    const state = readRecoverState(stdoutOrThrow(await pulumi.ask(["stack", "export"])));
    const preview = await previewOf(pulumi, state.deleted);
    const unseen: string[] = [];
    const api = objectApi(clients);
    const persistentVolumes = await listPersistentVolumes(clients);
    const present = await Promise.all(preview.objects.map((planned) => readPlannedObject(api, planned)));
    const interrupted = new Set(state.operations.map(({ goal }) => goal.urn));
    const names = [...state.objects, ...preview.objects].filter(({ kind }) => kind === "PersistentVolume");
    const ours = {
        interrupted,
        volumeIds: new Set(state.volumes.values()),
        persistentVolumeNames: new Set(names.map(({ name }) => name)),
        persistentVolumes,
    };
    const sources = { state, preview, stack };
    const note = (line: string) => void unseen.push(line);
    const left = await findUnrecorded(pulumi, clients, sources, persistentVolumes, note);
    const there = present.filter((one): one is ExistingObject => one !== undefined);
    const leftObjects = await findLeftObjects(api, state, preview);
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

/**
 * The next update, which takes over objects that exist. An object that it deletes first, such as a claim, would be
 * changed by such a preview, and the cluster may refuse that: then a plain preview tells.
 */
async function previewOf(pulumi: Pulumi, deleted: ReadonlySet<string>): Promise<Preview> {
    const ask = async (variables?: NodeJS.ProcessEnv) =>
        readPreview(await pulumi.ask(["preview", "--refresh", "--json"], variables), deleted);
    const preview = await ask(upsert);
    if (!/spec: Forbidden/.test(preview.problem ?? "")) {
        return preview;
    }
    const plain = await ask();
    return plain.problem === undefined ? plain : preview;
}

/**
 * Existing objects that interrupted updates were creating and neither the state nor the next update has, under whatever
 * resource's name: a storage may have been renamed since.
 */
async function findLeftObjects(
    api: KubernetesObjectApi,
    state: RecoverState,
    preview: Evidence["preview"],
): Promise<PlannedObject[]> {
    const keyOf = ({ kind, namespace, name }: PlannedObject) => [kind, namespace, name].join("/");
    const known = new Set([...state.objects, ...preview.objects].map(keyOf));
    const begun = state.operations
        .filter(({ type }) => type === "creating")
        .flatMap(({ goal }) => plannedObject(goal) ?? [])
        .filter((object) => !known.has(keyOf(object)));
    const found = await Promise.all(begun.map((planned) => readPlannedObject(api, planned)));
    return found.flatMap((one) => (one && isMadeByPulumi(one.live) ? [one.planned] : []));
}

/** The object in the cluster; undefined if there is none. */
export async function readObject(api: KubernetesObjectApi, key: ObjectKey): Promise<LiveObject | undefined> {
    const { apiVersion, kind, namespace, name } = key;
    try {
        const object = await undefinedIfNotFound(
            api.read({ apiVersion, kind, metadata: { namespace, name } }),
        );
        const managedFields = object?.metadata?.managedFields ?? [];
        return object && { managers: managedFields.flatMap(({ manager }) => manager ?? []) };
    } catch (error) {
        throw new Error(`could not read ${kind} ${name}: ${messageOf(error)}`);
    }
}

/** A client for objects of any kind. */
export function objectApi({ kubeConfig }: Pick<Clients, "kubeConfig">): KubernetesObjectApi {
    return KubernetesObjectApi.makeApiClient(kubeConfig());
}

/** Lists PersistentVolumes only, so that the stack's own rights are enough. */
async function listPersistentVolumes({ kubeConfig }: Clients): Promise<V1PersistentVolume[]> {
    const config = kubeConfig();
    try {
        return (await config.makeApiClient(CoreV1Api).listPersistentVolume()).items;
    } catch (error) {
        throw new Error(
            `could not read the cluster of context ${config.getCurrentContext()}: ${messageOf(error)}`,
        );
    }
}

/** The object of a request, by kind and name. */
export function objectReference({ apiVersion, kind, namespace, name }: ObjectKey): KubernetesObject {
    return { apiVersion, kind, metadata: { namespace, name } };
}

async function readPlannedObject(
    api: KubernetesObjectApi,
    planned: PlannedObject,
): Promise<ExistingObject | undefined> {
    const live = await readObject(api, planned);
    return live && { planned, live };
}

/** Whether the backend reports an update in progress. Pulumi Cloud tells nothing of its process. */
export async function hasUpdateInProgress(pulumi: Pulumi): Promise<boolean> {
    const stack = stdoutOrThrow(await pulumi.ask(["stack", "--show-name"])).trim();
    const { code, stdout } = await pulumi.ask(["stack", "ls", "--json"]);
    const stacks = code === 0 ? (JSON.parse(stdout) as { name: string; updateInProgress?: boolean }[]) : [];
    return stacks.some(
        ({ name, updateInProgress }) => name.split("/").at(-1) === stack && updateInProgress === true,
    );
}
