import { setTimeout as sleep } from "node:timers/promises";
import { quoted, sh } from "../terminal/shell";
import { runOf } from "./account";
import type { Account } from "./account";
import type { Cluster } from "./cluster";
import { runKey, runOfName } from "./runIds";
import { until } from "./until";

/** A resource of a run that still exists. */
export interface Leftover {
    readonly kind: Kind;
    readonly name: string;
    /** Id of the run. */
    readonly run: string;
}

/**
 * In the order of removal: pods and claims hold PersistentVolumes, whose deletion lets the EBS CSI driver detach volumes.
 */
export const kinds = ["namespace", "PersistentVolume", "StorageClass", "volume", "snapshot"] as const;
export type Kind = (typeof kinds)[number];

/** The account and the cluster of a run. */
export interface Place {
    readonly account: Account;
    readonly cluster: Cluster;
}

/** A leftover that could not be removed. */
export interface RemovalFailure {
    readonly leftover: Leftover;
    readonly reason: string;
    /** The command that removes it. */
    readonly command: string;
}

/** Longest time of a removal in seconds. EC2 usually detaches a volume within two minutes. */
const removalSeconds: Readonly<Record<Kind, number>> = {
    namespace: 300,
    PersistentVolume: 300,
    StorageClass: 30,
    volume: 600,
    snapshot: 60,
};

/** Finds all resources of runs in the account, the region and the cluster. */
export async function findLeftovers({ account, cluster }: Place): Promise<Leftover[]> {
    const [namespaces, persistentVolumes, classes, volumes, snapshots] = await Promise.all([
        cluster.namespaces(),
        cluster.persistentVolumes(),
        cluster.classes(),
        account.taggedVolumes(),
        account.taggedSnapshots(),
    ]);
    const labelled = (kind: Kind, objects: typeof namespaces | typeof persistentVolumes) =>
        objects.map(({ metadata }) => ({
            kind,
            name: metadata?.name ?? "",
            run: metadata?.labels?.[runKey] ?? "",
        }));
    return [
        ...labelled("namespace", namespaces),
        ...labelled("PersistentVolume", persistentVolumes),
        ...classes.map(({ metadata: { name = "" } = {} }) => ({
            kind: "StorageClass" as const,
            name,
            run: runOfName(name) ?? "",
        })),
        ...volumes.map(({ VolumeId: name = "", Tags }) => ({
            kind: "volume" as const,
            name,
            run: runOf(Tags) ?? "",
        })),
        ...snapshots.map(({ SnapshotId: name = "", Tags }) => ({
            kind: "snapshot" as const,
            name,
            run: runOf(Tags) ?? "",
        })),
    ];
}

/** Leftovers by kind, in the order of removal. */
export function inOrder(leftovers: readonly Leftover[]): Leftover[][] {
    return kinds
        .map((kind) => leftovers.filter((one) => one.kind === kind))
        .filter((ofKind) => ofKind.length > 0);
}

/** The runs whose resources to remove. */
export interface Removal {
    /** Whether to remove a run's resources. */
    readonly isOurs: (run: string) => boolean;
    /** Whether one of the runs was interrupted: resources that it requested may appear a moment later. */
    readonly wasCutShort: boolean;
}

/** Milliseconds after which EC2 shows the results of its last requests. */
const settlingMilliseconds = 5000;

/** Searches before giving up on resources that reappear. */
const maxAttempts = 8;

/**
 * Removes all resources of some runs, and searches again until none is found, twice if one was interrupted.
 *
 * @returns the resources that could not be removed.
 */
export async function removeRuns(
    place: Place,
    { isOurs, wasCutShort }: Removal,
    report: (line: string) => void,
): Promise<RemovalFailure[]> {
    const find = async () => (await findLeftovers(place)).filter(({ run }) => isOurs(run));
    let hasSettled = !wasCutShort;
    for (let look = 0; look < maxAttempts; look += 1) {
        const found = await find();
        if (found.length === 0 && hasSettled) {
            return [];
        }
        if (found.length === 0) {
            await sleep(settlingMilliseconds);
            hasSettled = true;
        }
        const stuck: RemovalFailure[] = [];
        for (const ofKind of inOrder(found)) {
            report(`removing ${ofKind.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`);
            const ends = await Promise.all(ofKind.map((leftover) => tryToRemove(place, leftover)));
            stuck.push(...ends.filter((end) => end !== undefined));
        }
        if (stuck.length > 0) {
            return stuck;
        }
    }
    return (await find()).map((leftover) =>
        removalFailure(place, leftover, "it reappears after each removal"),
    );
}

async function tryToRemove(place: Place, leftover: Leftover): Promise<RemovalFailure | undefined> {
    try {
        await remove(place, leftover);
        return undefined;
    } catch (error) {
        const { message, name } = error as Error;
        return removalFailure(place, leftover, message || name);
    }
}

async function remove({ account, cluster }: Place, { kind, name }: Leftover): Promise<void> {
    const gone = async (isThere: () => Promise<unknown>) => {
        const what = `waiting until ${kind} ${name} is gone`;
        await until(async () => ((await isThere()) === undefined ? true : undefined), {
            what,
            seconds: removalSeconds[kind],
        });
    };
    switch (kind) {
        case "namespace":
            await cluster.deleteNamespace(name);
            return gone(async () =>
                (await cluster.namespaces()).find(({ metadata }) => metadata?.name === name),
            );
        case "PersistentVolume":
            await cluster.deletePersistentVolume(name);
            return gone(() => cluster.persistentVolume(name));
        case "StorageClass":
            await cluster.deleteClass(name);
            return;
        case "volume":
            // The driver detaches it some time after its pod has ended.
            await gone(async () => ((await account.volume(name))?.State === "in-use" ? name : undefined));
            await account.deleteVolume(name);
            return gone(() => account.volume(name));
        case "snapshot":
            await account.deleteSnapshot(name);
    }
}

function removalFailure({ account, cluster }: Place, leftover: Leftover, reason: string): RemovalFailure {
    return { leftover, reason, command: removalCommand(leftover, account.region, cluster.context) };
}

/** The command that removes something by hand. */
export function removalCommand({ kind, name }: Leftover, region: string, context: string): string {
    switch (kind) {
        case "volume":
            return sh`aws ec2 delete-volume --volume-id=${name} --region=${region}`;
        case "snapshot":
            return sh`aws ec2 delete-snapshot --snapshot-id=${name} --region=${region}`;
        default:
            return `${sh`kubectl --context=${context}`} delete ${kind.toLowerCase()}/${quoted(name)}`;
    }
}
