import { printable } from "../../components/validation/problems";
import { MoveFrom } from "../../components/args/moveArgs";
import type { MoveArgs } from "../../components/args/moveArgs";
import type { V1Pod } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { nameOf } from "../inspect/persistentVolumes";
import { append } from "../inspect/lookup";
import { moment } from "../map/format";
import { chooseZones } from "../nodes/room";
import { lostNodes } from "../nodes/lostNodes";
import type { LostNode } from "../nodes/lostNodes";
import { findWorkloads } from "../workloads/find";
import type { Workload } from "../workloads/workload";
import { claimNamed } from "./claims";
import type { Disk, DiskSnapshot } from "./disks";
import { existingSnapshot, sourceOf } from "./goal";
import type { Encryption, Goal, MoveWish } from "./goal";
import { finalizerWarning, foreignDisk, setsThatWouldWait } from "./held";
import type { DiskGroup } from "./groups";
import type { DiskWorld, World } from "./world";

/** The settings of a move, as an override has them. */
export type MoveSettings = { -readonly [K in "zone" | "snapshotId"]?: string } & Pick<MoveArgs, "from"> &
    Encryption;

/** A disk's move to a new volume. */
export interface PlannedMove {
    readonly disk: Disk;
    /** Zone of the new volume. */
    readonly zone: string;
    /** Undefined if a new one is taken. */
    readonly snapshot?: DiskSnapshot;
    readonly settings: MoveSettings;
}

/** Disks that stay where they are, and why. */
export interface LeftOut {
    readonly disks: readonly string[];
    /** Their pods, with their namespaces. */
    readonly pods: readonly string[];
    readonly reason: string;
}

/** Everything that a command will do. */
export interface Plan {
    readonly moves: readonly PlannedMove[];
    readonly left: readonly LeftOut[];
    readonly workloads: readonly Workload[];
    /** Nodes whose instances don't run any more. */
    readonly lost: readonly LostNode[];
    readonly warnings: readonly string[];
}

/** Disks whose snapshots were taken further apart are not from one moment. */
const sameMomentMs = 60_000;

/**
 * Everything that a command will do.
 *
 * @param paused - Resources whose controllers a person has paused.
 */
export async function planFor(
    world: World,
    goal: Goal,
    wish: MoveWish & { readonly paused?: readonly string[] },
    clients: Clients,
): Promise<Plan> {
    const { lost, unreachable } = await lostNodes(clients, undefined, world.region);
    const pods = goal.groups.flatMap(({ disks }) => disks.flatMap((disk) => disk.pods));
    const workloads = await findWorkloads(clients, pods, {
        paused: wish.paused,
        claims: goal.groups
            .flatMap(({ disks }) => disks)
            .flatMap(({ claim, hasClaim }) => (hasClaim && claim !== undefined ? claimNamed(claim) : [])),
    });
    const dead = new Map(unreachable.map(({ name, message }) => [name, message]));
    const held = (group: DiskGroup) => {
        const own = group.disks.flatMap((disk) => disk.pods);
        const onDead = own.flatMap(({ spec }) => dead.get(spec?.nodeName ?? "") ?? []);
        const { problem } = workloadsOf(own, workloads).find((one) => one.problem !== undefined) ?? {};
        return onDead[0] ?? problem ?? foreignDisk(group, goal, world.inventory.cluster, world.disks);
    };
    const wanted = new Set(movesFor(world, goal, wish, held).moves.map(({ disk }) => disk));
    const waiting = setsThatWouldWait(world, wanted, workloads);
    const plan = movesFor(world, goal, wish, (group) => {
        const own = workloadsOf(
            group.disks.flatMap((disk) => disk.pods),
            workloads,
        );
        return held(group) ?? own.flatMap((one) => waiting.get(one) ?? [])[0];
    });
    const moving = plan.moves.flatMap(({ disk }) => disk.pods);
    const used = new Set(moving.map(({ spec }) => spec?.nodeName));
    const own = workloadsOf(moving, workloads);
    return {
        ...plan,
        workloads: own.filter(({ isIdle }) => !isIdle),
        lost: lost.filter(({ name }) => used.has(name)),
        warnings: [...plan.warnings, ...own.flatMap(({ notes }) => notes)],
    };
}

/** The workloads that pods are of. */
function workloadsOf(pods: readonly V1Pod[], workloads: readonly Workload[]): Workload[] {
    const names = new Set(pods.map(nameOf));
    // One that has no pods now may start some at any time.
    return workloads.filter(
        (one) => one.pods.length === 0 || one.pods.some((pod) => names.has(`${one.namespace}/${pod}`)),
    );
}

/**
 * Decides which disks move, where to and from which snapshots.
 *
 * @param held - Why the pods of a group can't be ended, if so.
 */
export function movesFor(
    world: DiskWorld,
    goal: Goal,
    wish: MoveWish,
    held: (group: DiskGroup) => string | undefined = () => undefined,
): Pick<Plan, "moves" | "left" | "warnings"> {
    const left: LeftOut[] = [];
    const possible = goal.groups.filter((group) => {
        const reason = obstacle(group, world, goal, wish) ?? held(group);
        if (reason !== undefined) {
            left.push(leftOut(group, reason));
        }
        return reason === undefined;
    });
    const placed = goal.candidates
        ? placedIn(goal.candidates, possible, world, goal.zones)
        : possible.map(inPlace);
    const moves: PlannedMove[] = [];
    for (const { group, zone, reason } of placed) {
        if (zone === undefined) {
            left.push(leftOut(group, reason ?? ""));
        } else {
            moves.push(...group.disks.map((disk) => moveOf(disk, zone, world, goal, wish)));
        }
    }
    const moved = new Set(moves.map(({ disk }) => disk));
    return {
        moves,
        left,
        warnings: [
            ...possible.flatMap((group) => momentWarning(group, moved, world, goal, wish)),
            ...moves.flatMap(({ disk }) => finalizerWarning(disk)),
        ],
    };
}

function leftOut({ name, disks }: DiskGroup, reason: string): LeftOut {
    const pods = new Set([
        ...(name.includes("/") ? [name] : []),
        ...disks.flatMap((disk) => disk.pods.map(nameOf)),
    ]);
    return { disks: disks.map((disk) => disk.name), pods: [...pods], reason };
}

/** A group with its zone, or with the reason why there is none. */
interface Placed {
    readonly group: DiskGroup;
    readonly zone?: string;
    readonly reason?: string;
}

function inPlace(group: DiskGroup): Placed {
    return { group, zone: group.disks[0]?.zone };
}

/** Chooses zones, evenly for each storage, where nodes have room for the pods and their volumes. */
function placedIn(
    candidates: readonly string[],
    groups: readonly DiskGroup[],
    { disks, places }: DiskWorld,
    zones: ReadonlyMap<string, string> = new Map(),
): Placed[] {
    const moving = new Set(groups.flatMap((group) => group.disks));
    const counts = new Map<string, Map<string, number>>();
    disks
        .filter((disk) => !moving.has(disk))
        .forEach(({ storage, zone }) => {
            const ofStorage = counts.get(storage) ?? new Map<string, number>();
            counts.set(storage, ofStorage.set(zone, (ofStorage.get(zone) ?? 0) + 1));
        });
    const allowed = new Map<string, [DiskGroup, ...DiskGroup[]]>();
    // Groups that may go to the same zones are chosen for together.
    groups.forEach((group) => {
        const known = zones.get(group.name);
        const others = known === undefined ? candidates.filter((zone) => isElsewhere(group, zone)) : [known];
        append(allowed, others.join(), group);
    });
    return [...allowed].flatMap(([key, some]) =>
        chooseZones(
            some.map((group) => ({ id: group.name, pod: podOf(group), disks: group.disks })),
            places,
            key === "" ? [] : key.split(","),
            counts,
        ).map((choice) => ({
            group: some.find(({ name }) => name === choice.group.id) ?? { name: choice.group.id, disks: [] },
            ...("zone" in choice ? { zone: choice.zone } : { reason: choice.reason }),
        })),
    );
}

function isElsewhere({ disks }: DiskGroup, zone: string): boolean {
    return disks.some((disk) => disk.zone !== zone);
}

function podOf({ disks }: DiskGroup) {
    return disks.flatMap(({ pods }) => pods.flatMap(({ spec }) => spec ?? []))[0];
}

/** Why no disk of a group can be moved. */
function obstacle({ disks }: DiskGroup, world: DiskWorld, goal: Goal, wish: MoveWish): string | undefined {
    if (goal.candidates?.length === 0) {
        return "no other zone has a node that takes pods: start one in another zone, or uncordon it";
    }
    const encrypted = disks.find((disk) => hasEncryption(disk, goal));
    if (encrypted && !goal.candidates) {
        return `${encrypted.name} is encrypted ${goal.encryption?.kmsKeyId === undefined ? "" : "with that key "}already`;
    }
    const isThere = goal.candidates?.every((zone) => disks.every((disk) => disk.zone === zone));
    if (isThere && !goal.zones) {
        return `it is in ${disks[0]?.zone} already`;
    }
    const broken = disks.find(({ problem }) => problem !== undefined);
    if (broken) {
        return `${broken.name}: ${broken.problem}`;
    }
    const without = disks.find(
        (disk) =>
            (goal.snapshotOf !== undefined || sourceOf(disk, world, wish) === MoveFrom.NewestSnapshot) &&
            existingSnapshot(disk, goal) === undefined,
    );
    if (!without) {
        return undefined;
    }
    return goal.at !== undefined
        ? noSnapshot(without, goal.at)
        : `no snapshot of ${without.name} (${without.volumeId}): it works again when its zone does, or try --from NewSnapshot`;
}

/** Why a disk can't be restored, with the newest snapshots that it has. */
function noSnapshot({ name, snapshots }: Disk, at: string): string {
    const newest = snapshots
        .slice(0, 3)
        .map(({ id, at: taken }) => `${id} of ${moment(taken.toISOString())}`);
    const rule = `--at must be a complete snapshot of ${name}, or a time after one, got ${printable(at)}`;
    return newest.length > 0
        ? `${rule}: its newest are ${newest.join(", ")}`
        : `${rule}: it has none, see docs/backups.md`;
}

function moveOf(disk: Disk, zone: string, world: DiskWorld, goal: Goal, wish: MoveWish): PlannedMove {
    const snapshot = existingSnapshot(disk, goal);
    if (goal.snapshotOf) {
        return { disk, zone, snapshot, settings: { snapshotId: snapshot?.id } };
    }
    return sourceOf(disk, world, wish) === MoveFrom.NewSnapshot
        ? { disk, zone, settings: { zone, from: MoveFrom.NewSnapshot, ...goal.encryption } }
        : { disk, zone, snapshot, settings: { zone, ...goal.encryption } };
}

/** Whether a disk has the encryption that is asked for. */
function hasEncryption({ kmsKeyId }: Disk, { encryption }: Goal): boolean {
    return (
        encryption !== undefined &&
        kmsKeyId !== undefined &&
        [undefined, kmsKeyId].includes(encryption.kmsKeyId)
    );
}

function momentWarning(
    { name, disks }: DiskGroup,
    moved: ReadonlySet<Disk>,
    world: DiskWorld,
    goal: Goal,
    wish: MoveWish,
): string[] {
    const existing = disks
        .filter((disk) => moved.has(disk))
        .filter((disk) => goal.snapshotOf || sourceOf(disk, world, wish) === MoveFrom.NewestSnapshot)
        .flatMap((disk) => {
            const snapshot = existingSnapshot(disk, goal);
            return snapshot ? [{ disk, at: snapshot.at.getTime() }] : [];
        });
    const times = existing.map(({ at }) => at);
    const isApart = Math.max(...times) - Math.min(...times) > sameMomentMs;
    const whole = goal.snapshotOf && world.groups.find((group) => group.name === name);
    const other = (whole?.disks ?? []).filter((disk) => !moved.has(disk));
    return [
        ...(existing.length > 1 && isApart
            ? [
                  `the disks of ${name} would not be from one moment: ${existing
                      .map(({ disk, at }) => `${disk.name} ${new Date(at).toISOString()}`)
                      .join(", ")}`,
              ]
            : []),
        ...(other.length > 0
            ? [`${other.map((disk) => disk.name).join(", ")} of the same pod ${name} stays as it is`]
            : []),
    ];
}
