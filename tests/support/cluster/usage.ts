import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { Servers } from "../../../sandbox/servers";
import { DiskCluster } from "./diskCluster";

/** An object that stays the same as long as its uid does. */
export interface Identity {
    readonly uid: string;
    readonly phase: string;
}

/** All that an adoption of disks must leave as it is. */
export interface Usage {
    /** By namespace and name. `restarts` is the sum of all containers' restarts. */
    readonly pods: Readonly<Record<string, Identity & { readonly restarts: number }>>;
    /** By namespace and name. */
    readonly claims: Readonly<Record<string, Identity>>;
    /** By name. */
    readonly persistentVolumes: Readonly<Record<string, Identity>>;
    /** EC2's volumes by id, with the instance, device and state of each attachment. */
    readonly volumes: Readonly<
        Record<string, { readonly state: string; readonly attachments: readonly string[] }>
    >;
}

/** Reads who uses which disk: compare two of them with `assert.deepEqual`. */
export async function usage(servers: Servers): Promise<Usage> {
    const cluster = new DiskCluster(servers);
    const [pods, claims, persistentVolumes, volumes] = await Promise.all([
        cluster.core.listPodForAllNamespaces(),
        cluster.core.listPersistentVolumeClaimForAllNamespaces(),
        cluster.core.listPersistentVolume(),
        cluster.volumes(),
    ]);
    return {
        pods: Object.fromEntries(
            pods.items.map((pod) => {
                const containers = pod.status?.containerStatuses ?? [];
                const restarts = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
                return [nameOf(pod), { ...identityOf(pod), restarts }];
            }),
        ),
        claims: Object.fromEntries(claims.items.map((claim) => [nameOf(claim), identityOf(claim)])),
        persistentVolumes: Object.fromEntries(
            persistentVolumes.items.map((one) => [String(one.metadata?.name), identityOf(one)]),
        ),
        volumes: Object.fromEntries(
            volumes.map(({ VolumeId, State, Attachments = [] }) => {
                const attachments = Attachments.map((one) => `${one.InstanceId} ${one.Device} ${one.State}`);
                return [String(VolumeId), { state: String(State), attachments }];
            }),
        ),
    };
}

type WithPhase = Pick<V1PersistentVolume | V1PersistentVolumeClaim, "metadata"> & {
    readonly status?: { readonly phase?: string };
};

function identityOf({ metadata, status }: WithPhase): Identity {
    return { uid: String(metadata?.uid), phase: String(status?.phase) };
}

function nameOf({ metadata }: WithPhase): string {
    return `${metadata?.namespace}/${metadata?.name}`;
}
