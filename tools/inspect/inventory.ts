import type { Volume } from "@aws-sdk/client-ec2";
import type { V1PersistentVolume } from "@kubernetes/client-node";
import { readAttachSlots } from "./attachSlots";
import type { AttachSlots } from "./attachSlots";
import { backedUpDisks, readBackups } from "./backups";
import type { Backups } from "./backups";
import type { Clients } from "./clients";
import { readCluster } from "./cluster";
import type { Cluster } from "./cluster";
import { clusterNamesOf } from "./clusterNames";
import type { NameSources } from "./clusterNames";
import { readEc2 } from "./ec2";
import type { Ec2, VolumeReferences } from "./ec2";
import { messageOf } from "./errors";
import { compareDisks, compareNames } from "./order";
import { nameOf } from "./persistentVolumes";
import { readRecycleBin } from "./recycleBin";
import type { Deleted } from "./recycleBin";
import { readSnapshots } from "./snapshots";
import type { Note, Target } from "./target";
import { inRegion } from "./regions";
import { configuredCluster, readStackState, regionOf } from "./stack";
import type { State } from "./state";
import { statePersistentVolumesNamed } from "./stateLookups";
import { ownerTag, tagsOf } from "./tags";

/** Contents of the cluster, of EC2 and of the state. */
export interface Inventory {
    readonly cluster: Cluster;
    readonly ec2?: Ec2;
    readonly state?: State;
    /** The cluster's names in the tag KubernetesCluster of its volumes. */
    readonly clusterNames: readonly string[];
    /** Other regions with volumes of the stack, which are left out of the state. */
    readonly elsewhere?: readonly string[];
    /** Undefined if not asked for, or if they could not be read. */
    readonly attachSlots?: readonly AttachSlots[];
    /** Undefined if they were not asked for. */
    readonly backups?: Backups;
    /** Deleted volumes and snapshots that can be had back; undefined if not asked for, or if they could not be read. */
    readonly recycleBin?: readonly Deleted[];
}

/**
 * Reads the cluster, EC2 and the stack's state, and changes nothing.
 *
 * @param note - Receives a line for each source that could not be read.
 * @throws Error if Kubernetes, or what the target names, can't be read.
 */
export async function readInventory(clients: Clients, target: Target, note: Note): Promise<Inventory> {
    const [cluster, state] = await Promise.all([
        readCluster(clients, note),
        readStackState(clients, target, note),
    ]);
    const { clusterNameProblem, ec2, ...account } = await readAccount(
        clients,
        { cluster, state },
        target,
        note,
    );
    if (clusterNameProblem !== undefined) {
        note(`did not look for leftover volumes: ${clusterNameProblem}`);
    }
    return { ...account, cluster: inOrder(cluster, state), ec2: ec2 && byOwner(ec2) };
}

/** An inventory with the attach slots of the cluster's nodes. */
export async function withAttachSlots(
    clients: Clients,
    inventory: Inventory,
    note: Note,
): Promise<Inventory> {
    return { ...inventory, attachSlots: await readAttachSlots(clients, inventory.cluster, note) };
}

/** An inventory with what lies in the Recycle Bin. */
export async function withRecycleBin(clients: Clients, inventory: Inventory, note: Note): Promise<Inventory> {
    const { ec2 } = inventory;
    return ec2
        ? { ...inventory, recycleBin: await readRecycleBin(clients, inventory, ec2.region, note) }
        : inventory;
}

/** An inventory with the backups of the stack's storages. */
export async function withBackups(clients: Clients, inventory: Inventory, note: Note): Promise<Inventory> {
    const { ec2, recycleBin = [] } = inventory;
    if (!ec2) {
        return inventory;
    }
    const ids = new Set([...backedUpDisks(inventory), ...recycleBin].map(({ volumeId }) => volumeId));
    const snapshots = await readSnapshots(clients, [...ids], ec2.region, note);
    return { ...inventory, backups: await readBackups(clients, inventory, snapshots, note) };
}

/** A cluster with its PersistentVolumes in the order of disks. The API server's order is web-0, web-10, web-2. */
function inOrder(cluster: Cluster, state: State | undefined): Cluster {
    const placeOf = (persistentVolume: V1PersistentVolume) => {
        const name = nameOf(persistentVolume);
        const { storage, ordinal } = statePersistentVolumesNamed(state?.persistentVolumes, name)[0] ?? {};
        return { name, storage: storage?.name, ordinal };
    };
    const placed = cluster.persistentVolumes.map((one) => ({ one, place: placeOf(one) }));
    placed.sort((a, b) => compareDisks(a.place, b.place));
    return { ...cluster, persistentVolumes: placed.map(({ one }) => one) };
}

/** Volumes in the order of the disks that they were made for: EC2 promises none. */
function byOwner({ region, volumes }: Ec2): Ec2 {
    const owner = (volume: Volume) => tagsOf(volume)[ownerTag] ?? "";
    const compare = (a: Volume, b: Volume) =>
        compareNames(owner(a), owner(b)) || compareNames(a.VolumeId ?? "", b.VolumeId ?? "");
    return { region, volumes: [...volumes].sort(compare) };
}

/**
 * Reads EC2 in one region, if it can be reached, and determines the cluster's names in volume tags.
 *
 * @returns with `clusterNameProblem` if the name could not be determined.
 */
export async function readAccount(
    clients: Clients,
    { cluster, state }: VolumeReferences,
    target: Target,
    note: Note,
): Promise<Omit<Inventory, "cluster"> & { readonly clusterNameProblem?: string }> {
    const inState =
        state?.volumes.flatMap(({ clusterName, storage }) => (storage && clusterName) ?? []) ?? [];
    // A stack that has released its disks has no other word against tags that another cluster has set meanwhile.
    const isAsked = target.cluster === undefined && state !== undefined && inState.length === 0;
    const given = isAsked ? await configuredCluster(clients, target) : target.cluster;
    const known = { given: given === undefined ? [] : [given], inState };
    try {
        const { ec2, inTags } = await readEc2(
            clients,
            { cluster, state },
            await regionOf(clients, state, target),
            known,
        );
        const sources = { ...known, inTags };
        const clusterNames = clusterNamesOf(sources);
        const here = state && inRegion(state, ec2.region);
        here?.elsewhere.forEach((region) =>
            note(`did not look at the stack's volumes in ${region}: give --region ${region}`),
        );
        return {
            state: here?.state,
            elsewhere: here?.elsewhere,
            ec2,
            clusterNames,
            clusterNameProblem: clusterNames.length === 0 ? clusterNameProblemOf(sources) : undefined,
        };
    } catch (error) {
        note(`could not read EC2: ${messageOf(error)}; check the credentials, AWS_PROFILE and AWS_REGION`);
        return { state, clusterNames: clusterNamesOf({ ...known, inTags: [] }) };
    }
}

function clusterNameProblemOf({ given, inState, inTags }: NameSources): string {
    const [known, tagged] = [[...given, ...inState], inTags].map((names) =>
        [...new Set(names)].sort().join(" and "),
    );
    if (tagged === "") {
        return "the cluster's name isn't known, give --cluster <name>";
    }
    return known === ""
        ? `the cluster has volumes with the tags of ${tagged}, give --cluster <name>`
        : `the cluster has volumes with the tags of ${tagged}, not of ${known}; check --cluster, the stack and the kubeconfig's context`;
}
