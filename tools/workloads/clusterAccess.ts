import {
    ApiException,
    ApisApi,
    AuthorizationV1Api,
    CoreV1Api,
    CustomObjectsApi,
    PatchStrategy,
    setHeaderOptions,
} from "@kubernetes/client-node";
import type { V1Pod } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { groups, mergePatch } from "./objects";
import type { ClusterObject, Field, Kind, Place } from "./objects";
import { textOf } from "./outcome";

/** Who has set a field, in the object's `managedFields`. */
const fieldManager = "zonal-persistent-storage";

const asMergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/**
 * Objects of a cluster, each kind in the version that its API server prefers. They are read as JSON: the client's own
 * classes would drop fields of newer versions. Kinds that aren't installed are not asked for.
 */
export class ClusterAccess {
    private readonly core: CoreV1Api;
    private readonly custom: CustomObjectsApi;
    private readonly authorization: AuthorizationV1Api;
    private readonly apis: ApisApi;
    private versions: Promise<ReadonlyMap<string, string>> | undefined;
    private readonly missing = new Set<Kind>();
    private readonly rights = new Map<string, Promise<boolean>>();

    public constructor(clients: Clients) {
        const config = clients.kubeConfig();
        this.core = config.makeApiClient(CoreV1Api);
        this.custom = config.makeApiClient(CustomObjectsApi);
        this.authorization = config.makeApiClient(AuthorizationV1Api);
        this.apis = config.makeApiClient(ApisApi);
    }

    /** An object, if it is there. */
    public async read({ kind, namespace, name }: Place): Promise<ClusterObject | undefined> {
        const type = await this.typeOf(kind);
        if (!type) {
            return undefined;
        }
        const request: Promise<unknown> = this.custom.getNamespacedCustomObject({ ...type, namespace, name });
        return found(request as Promise<ClusterObject>, `get ${rightText(kind, namespace)}`);
    }

    /** The objects of a kind in a namespace, or in all. */
    public async list(kind: Kind, namespace?: string): Promise<readonly ClusterObject[]> {
        const type = await this.typeOf(kind);
        if (!type || this.missing.has(kind)) {
            return [];
        }
        const request: Promise<unknown> =
            namespace === undefined
                ? this.custom.listClusterCustomObject(type)
                : this.custom.listNamespacedCustomObject({ ...type, namespace });
        const answer = await found(
            request as Promise<{ readonly items: readonly ClusterObject[] }>,
            `list ${rightText(kind, namespace)}`,
        );
        if (!answer) {
            // The group has other kinds only, as argoproj.io without Argo CD.
            this.missing.add(kind);
        }
        return answer?.items ?? [];
    }

    /**
     * Gives fields of an object new values.
     *
     * @param uid - The object's: another one of the same name isn't changed.
     */
    public async change(place: Place, uid: string, fields: readonly Field[]): Promise<void> {
        const { kind, namespace, name } = place;
        const type = await this.typeOf(kind);
        const patch = { namespace, name, body: mergePatch(uid, fields), fieldManager };
        const request: Promise<unknown> = type
            ? this.custom.patchNamespacedCustomObject({ ...type, ...patch }, asMergePatch)
            : Promise.resolve();
        if ((await found(request, `patch ${rightText(kind, namespace)}`)) === undefined) {
            throw new Error(`${textOf(place)} isn't there any more: run the command again`);
        }
    }

    /** A pod, if it is there. */
    public readPod(namespace: string, name: string): Promise<V1Pod | undefined> {
        return found(this.core.readNamespacedPod({ namespace, name }), `get pods in ${namespace}`);
    }

    /** The pods of a selector. */
    public async listPods(namespace: string, labelSelector: string): Promise<readonly V1Pod[]> {
        const request = this.core.listNamespacedPod({ namespace, labelSelector });
        return (await found(request, `list pods in ${namespace}`))?.items ?? [];
    }

    /** Creates a pod, unless there is one of that name. */
    public async createPod(namespace: string, body: V1Pod): Promise<void> {
        const request = this.core.createNamespacedPod({ namespace, body, fieldManager });
        await found(request.catch(ignoreConflict), `create pods in ${namespace}`);
    }

    /** Deletes a pod. Another one of its name isn't deleted. */
    public async deletePod(namespace: string, name: string, uid: string): Promise<void> {
        const request = this.core.deleteNamespacedPod({ namespace, name, body: { preconditions: { uid } } });
        await found(request.catch(ignoreConflict), `delete pods in ${namespace}`);
    }

    /** Whether the kubeconfig's user has a right. Every user may ask (ClusterRole system:basic-user). */
    public may(verb: string, group: string, resource: string, namespace: string): Promise<boolean> {
        const key = [verb, group, resource, namespace].join(" ");
        const answer = this.rights.get(key) ?? this.ask({ verb, group, resource, namespace });
        this.rights.set(key, answer);
        return answer;
    }

    private async ask(resourceAttributes: {
        readonly verb: string;
        readonly group: string;
        readonly resource: string;
        readonly namespace: string;
    }): Promise<boolean> {
        const body = { spec: { resourceAttributes } };
        const { status } = await this.authorization.createSelfSubjectAccessReview({ body });
        return status?.allowed === true;
    }

    private async typeOf(kind: Kind) {
        const { group, plural } = groups[kind];
        this.versions ??= this.readVersions();
        const version = (await this.versions).get(group);
        return version === undefined ? undefined : { group, version, plural };
    }

    /** Preferred version of each API group. */
    private async readVersions(): Promise<ReadonlyMap<string, string>> {
        const { groups: served } = await this.apis.getAPIVersions();
        return new Map(
            served.map(({ name, preferredVersion, versions }) => [
                name,
                (preferredVersion ?? versions[0])?.version ?? "",
            ]),
        );
    }
}

/** A right in messages, such as `patch statefulsets.apps in default`. */
export function rightText(kind: Kind, namespace?: string): string {
    const { group, plural } = groups[kind];
    return `${plural}.${group} ${namespace === undefined ? "in all namespaces" : `in ${namespace}`}`;
}

/** The kubeconfig's user lacks a right. */
export class MissingRight extends Error {
    public constructor(right: string, cause?: unknown) {
        super(`the kubeconfig's user may not ${right}: grant that right (docs/permissions.md)`, { cause });
    }
}

/**
 * The answer to a request, or undefined if the object isn't there.
 *
 * @throws MissingRight if the user may not make it.
 */
async function found<T>(request: Promise<T>, right: string): Promise<T | undefined> {
    try {
        return await request;
    } catch (error) {
        if (error instanceof ApiException && error.code === 404) {
            return undefined;
        }
        const reason = reasonOf(error);
        // A quota and the Pod Security Standards answer 403, too.
        if (error instanceof ApiException && error.code === 403 && reason.includes(" cannot ")) {
            throw new MissingRight(right, error);
        }
        throw new Error(`could not ${right}: ${reason}`, { cause: error });
    }
}

/** An object that is there already, or another one of the name. */
function ignoreConflict(error: unknown): undefined {
    if (error instanceof ApiException && error.code === 409) {
        return undefined;
    }
    throw error;
}

/** The API server's own words, which name the field that it refuses. */
function reasonOf(error: unknown): string {
    try {
        const { message } = JSON.parse(String((error as ApiException<unknown>).body)) as { message?: string };
        return message ?? messageOf(error);
    } catch {
        return messageOf(error);
    }
}
