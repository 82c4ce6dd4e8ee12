import { setTimeout as sleep } from "node:timers/promises";
import { quoted, sh } from "../terminal/shell";
import { runOf } from "./account";
import type { Account } from "./account";
import type { Cluster } from "./cluster";
import { runKey, runOfName } from "./runIds";
import { until } from "./until";

/** Something of a run that is still there. */
export interface Leftover {
    readonly kind: Kind;
    readonly name: string;
    /** Id of the run. */
    readonly run: string;
}

/**
 * In the order in which they can go: pods and claims hold PersistentVolumes, those tell the EBS CSI driver to detach
 * volumes.
 */
export const kinds = ["namespace", "PersistentVolume", "StorageClass", "volume", "snapshot"] as const;
export type Kind = (typeof kinds)[number];

/** Where runs leave things. */
export interface Place {
    readonly account: Account;
    readonly cluster: Cluster;
}

/** Something that couldn't be removed, and why. */
export interface Stuck {
    readonly leftover: Leftover;
    readonly reason: string;
    /** The command that removes it. */
    readonly command: string;
}

/** Seconds until something is gone; EC2 detaches a volume within a minute or two, as a rule. */
const removalSeconds: Readonly<Record<Kind, number>> = {
    namespace: 300,
    PersistentVolume: 300,
    StorageClass: 30,
    volume: 600,
    snapshot: 60,
};

/** Everything that runs have left in the account, the region and the cluster. */
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

/** The same kind by kind, in the order in which they can go. */
export function inOrder(leftovers: readonly Leftover[]): Leftover[][] {
    return kinds
        .map((kind) => leftovers.filter((one) => one.kind === kind))
        .filter((ofKind) => ofKind.length > 0);
}

/** Which runs to remove. */
export interface Removal {
    /** Whether a run is one of them. */
    readonly isOurs: (run: string) => boolean;
    /** Whether one of them was cut short: what it had asked for may appear a moment later. */
    readonly wasCutShort: boolean;
}

/** Milliseconds in which EC2 has done what it was asked for last, and shows it. */
const settling = 5000;

/** Looks after which something keeps coming back. */
const mostLooks = 8;

/**
 * Removes everything of some runs, and looks again until nothing is found, twice where one was cut short.
 *
 * @returns what couldn't be removed.
 */
export async function removeRuns(
    place: Place,
    { isOurs, wasCutShort }: Removal,
    report: (line: string) => void,
): Promise<Stuck[]> {
    const find = async () => (await findLeftovers(place)).filter(({ run }) => isOurs(run));
    let hasSettled = !wasCutShort;
    for (let look = 0; look < mostLooks; look += 1) {
        const found = await find();
        if (found.length === 0 && hasSettled) {
            return [];
        }
        if (found.length === 0) {
            await sleep(settling);
            hasSettled = true;
        }
        const stuck: Stuck[] = [];
        for (const ofKind of inOrder(found)) {
            report(`removing ${ofKind.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`);
            const ends = await Promise.all(ofKind.map((leftover) => tryToRemove(place, leftover)));
            stuck.push(...ends.filter((end) => end !== undefined));
        }
        if (stuck.length > 0) {
            return stuck;
        }
    }
    return (await find()).map((leftover) => stuckOn(place, leftover, "it keeps coming back"));
}

async function tryToRemove(place: Place, leftover: Leftover): Promise<Stuck | undefined> {
    try {
        await remove(place, leftover);
        return undefined;
    } catch (error) {
        const { message, name } = error as Error;
        return stuckOn(place, leftover, message || name);
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
            // The driver detaches it a while after its pod has gone.
            await gone(async () => ((await account.volume(name))?.State === "in-use" ? name : undefined));
            await account.deleteVolume(name);
            return gone(() => account.volume(name));
        case "snapshot":
            await account.deleteSnapshot(name);
    }
}

function stuckOn({ account, cluster }: Place, leftover: Leftover, reason: string): Stuck {
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
