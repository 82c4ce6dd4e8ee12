import type { Clients } from "../inspect/clients";
import { readBefore } from "../workloads/stopped";
import { readClaims } from "./claims";
import { claimsToDelete } from "./describe";
import type { Journal, RecordedMove } from "./journal";
import type { Plan, PlannedMove } from "./plan";
import type { World } from "./world";

/** A move as a journal has it. */
export function recorded({ disk, zone, settings }: PlannedMove): RecordedMove {
    const { storage, ordinal, name, volumeId, moves: before } = disk;
    return { storage, ordinal, name, volumeId, before, zone, settings };
}

/** Everything that a command has to remember, read before anything is changed. */
export async function newJournal(
    command: readonly string[],
    { moves, workloads, lost, left }: Plan,
    { inventory, places, region, at }: World,
    clients: Clients,
): Promise<Omit<Journal, "process">> {
    const disks = moves.map(({ disk }) => disk);
    const lostNodes = lost.map(({ name }) => name);
    const alive = new Set(places.map(({ name }) => name).filter((name) => !lostNodes.includes(name)));
    return {
        command,
        startedAt: at.toISOString(),
        context: inventory.cluster.context,
        region,
        moves: moves.map(recorded),
        workloads: await Promise.all(workloads.map((workload) => readBefore(clients, workload))),
        claims: await readClaims(clients, claimsToDelete(disks)),
        lostNodes,
        lostPods: disks
            .flatMap(({ pods }) => pods)
            .filter(({ spec }) => spec?.nodeName !== undefined && !alive.has(spec.nodeName))
            .map(({ metadata }) => ({
                namespace: metadata?.namespace ?? "",
                name: metadata?.name ?? "",
                uid: metadata?.uid ?? "",
            })),
        left: left.flatMap((one) => one.disks),
        leftPods: left.flatMap((one) => one.pods),
        isStarted: false,
    };
}
