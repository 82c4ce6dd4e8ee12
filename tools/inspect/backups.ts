import { GetLifecyclePolicyCommand } from "@aws-sdk/client-dlm";
import type { DLMClient, LifecyclePolicy } from "@aws-sdk/client-dlm";
import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import { backupTag } from "../../components/plan/tags";
import type { Clients } from "./clients";
import { volumesById } from "./ec2";
import type { Ec2 } from "./ec2";
import { messageOf } from "./errors";
import { fewAtOnce } from "./fewAtOnce";
import { lookup } from "./lookup";
import { moveFrom } from "./moves";
import { describeSnapshots } from "./snapshots";
import type { State, StateVolume } from "./state";
import { tagsOf } from "./tags";
import type { Note } from "./target";

/** A disk that its storage's backup is for. */
export interface BackedUpDisk {
    /** Name of its PersistentVolume. */
    readonly name: string;
    readonly volumeId: string;
    readonly volume: Volume;
}

/** The backup of a storage. */
export interface Backup {
    readonly storage: string;
    readonly policyId: string;
    /** Undefined if AWS doesn't have it any more. */
    readonly policy?: LifecyclePolicy;
    /** Without volumes that disks were moved from: they aren't backed up any more. */
    readonly disks: readonly BackedUpDisk[];
}

/** Backups of a stack's storages, and what became of them. */
export interface Backups {
    readonly all: readonly Backup[];
    /** Complete snapshots of the disks; undefined if they could not be read. */
    readonly snapshots?: readonly Snapshot[];
    /** Copies that are complete or under way, by region; those of regions that could not be read are missing. */
    readonly copies: ReadonlyMap<string, readonly Snapshot[]>;
    /** Sources that could not be looked at. */
    readonly notLookedAt: readonly string[];
    readonly at: Date;
}

/** Where the disks are that backups are for. */
export interface BackupSources {
    readonly ec2?: Ec2;
    readonly state?: State;
}

/** The disks of all storages with a backup, or of one. */
export function backedUpDisks(
    { ec2, state }: BackupSources,
    storages = (state?.backupPolicies ?? []).map(({ storage }) => storage),
): BackedUpDisk[] {
    const volumes = ec2 && volumesById(ec2);
    return storages
        .flatMap((urn) => volumesOfStorage(state?.volumes, urn))
        .flatMap((inState) => {
            const { volumeId, persistentVolumeName: name = inState.name } = inState;
            const volume = volumes?.get(volumeId);
            return volume && moveFrom(inState, state) === undefined ? [{ name, volumeId, volume }] : [];
        });
}

const volumesOfStorage = lookup<StateVolume>(({ storage }) => [storage?.urn]);

/** Reads the backup policies of a stack's storages, and their copies in other regions. */
export async function readBackups(
    clients: Clients,
    { ec2, state }: BackupSources,
    snapshots: readonly Snapshot[] | undefined,
    note: Note,
): Promise<Backups> {
    const at = new Date();
    const policies = state?.backupPolicies ?? [];
    if (!ec2 || policies.length === 0) {
        return { all: [], snapshots, copies: new Map(), notLookedAt: [], at };
    }
    const client = clients.dlm(ec2.region);
    try {
        const all = await fewAtOnce(policies, async ({ policyId, storage }) => ({
            policyId,
            storage: state?.storages.find(({ urn }) => urn === storage)?.name ?? "",
            policy: await readPolicy(client, policyId),
            disks: backedUpDisks({ ec2, state }, [storage]),
        }));
        const copies = await readCopies(clients, all, note);
        const notLookedAt = [
            ...(snapshots === undefined ? ["snapshots"] : []),
            ...copyRegions(all).flatMap((region) => (copies.has(region) ? [] : [`copies in ${region}`])),
        ];
        return { all, snapshots, copies, notLookedAt, at };
    } catch (error) {
        note(`could not read the backup policies: ${messageOf(error)}`);
        return { all: [], snapshots, copies: new Map(), notLookedAt: ["backups"], at };
    } finally {
        client.destroy();
    }
}

async function readPolicy(client: DLMClient, PolicyId: string): Promise<LifecyclePolicy | undefined> {
    try {
        return (await client.send(new GetLifecyclePolicyCommand({ PolicyId }))).Policy;
    } catch (error) {
        if ((error as Error).name === "ResourceNotFoundException") {
            return undefined;
        }
        throw error;
    }
}

/** By tags: a copy has the tags of its snapshot, and an arbitrary volume id (API_Snapshot, read on 2026-11-27). */
async function readCopies(
    clients: Clients,
    all: readonly Backup[],
    note: Note,
): Promise<Map<string, Snapshot[]>> {
    const tags = all.flatMap(({ disks }) => disks.flatMap(({ volume }) => tagsOf(volume)[backupTag] ?? []));
    const read = copyRegions(all).map(async (region): Promise<[string, Snapshot[] | string]> => {
        const client = clients.ec2(region);
        try {
            return [region, await describeSnapshots(client, `tag:${backupTag}`, [...new Set(tags)])];
        } catch (error) {
            return [region, messageOf(error)];
        } finally {
            client.destroy();
        }
    });
    const copies = new Map<string, Snapshot[]>();
    for (const [region, answer] of await Promise.all(read)) {
        if (typeof answer === "string") {
            note(`could not read snapshots in ${region}: ${answer}`);
        } else {
            copies.set(region, answer);
        }
    }
    return copies;
}

function copyRegions(all: readonly Backup[]): string[] {
    const regions = all.flatMap(({ policy }) => copyRulesOf(policy).map(({ region }) => region));
    return [...new Set(regions)].sort();
}

/** Copies that a policy makes. */
export interface CopyRule {
    readonly region: string;
    readonly keepDays: number;
    readonly keyArn?: string;
}

/** The copies in other regions that a policy makes. */
export function copyRulesOf(policy: LifecyclePolicy | undefined): CopyRule[] {
    const [schedule] = policy?.PolicyDetails?.Schedules ?? [];
    return (schedule?.CrossRegionCopyRules ?? []).flatMap(({ Target, RetainRule, CmkArn }) =>
        Target !== undefined && RetainRule?.IntervalUnit === "DAYS" && RetainRule.Interval !== undefined
            ? [{ region: Target, keepDays: RetainRule.Interval, keyArn: CmkArn }]
            : [],
    );
}

/** Hours between a policy's snapshots; undefined if somebody has given it another kind of schedule. */
export function intervalOf(policy: LifecyclePolicy | undefined): number | undefined {
    const [schedule] = policy?.PolicyDetails?.Schedules ?? [];
    const { Interval, IntervalUnit } = schedule?.CreateRule ?? {};
    return IntervalUnit === "HOURS" ? Interval : undefined;
}
