import { nameOf } from "../inspect/persistentVolumes";
import type { Line } from "../terminal/answer";
import { counted } from "../terminal/counted";
import { table } from "../terminal/table";
import { moment } from "../map/format";
import { managerText } from "../workloads/managers";
import { textOf } from "../workloads/outcome";
import { yamlOf } from "../adopt/yamlText";
import type { Disk } from "./disks";
import type { Plan, PlannedMove } from "./plan";

/** The disks that move: where to, and how much is lost. */
export function describeMoves({ moves, left, warnings }: Plan, now: Date): Line[] {
    const rows = moves.map(({ disk, zone, snapshot }) => ({
        disk: disk.name,
        from: disk.zone,
        to: zone,
        pods: disk.pods.map(nameOf).join(",") || "-",
        snapshot: snapshot?.id ?? "a new one",
        lost: snapshot
            ? `what was written since ${moment(snapshot.at.toISOString())} (${span(snapshot.at, now)})`
            : "nothing",
    }));
    return [
        { heading: `${counted(moves.length, "disk")} to move` },
        ...(rows.length > 0 ? indented(table(rows).split("\n")) : []),
        ...left.map(({ disks, reason }) => `left where it is: ${disks.join(", ")}: ${reason}`),
        ...warnings.map((line) => `warning: ${line}`),
    ];
}

/** The steps, in order. */
export function describeSteps({ moves, workloads, lost }: Plan, file: string | undefined): Line[] {
    const disks = moves.map(({ disk }) => disk);
    const claims = claimsToDelete(disks);
    const owners = workloads.map(textOf);
    const managers = workloads.flatMap((one) => one.managers.map(managerText));
    return [
        { heading: "then:" },
        ...indented([
            ...(lost.length > 0
                ? [
                      `out of service, because their instances don't run: node ${lost.map(({ name }) => name).join(", ")}`,
                  ]
                : []),
            ...(managers.length > 0 ? [`suspended until the end: ${unique(managers).join(", ")}`] : []),
            ...(owners.length > 0 ? [`pods ended: ${owners.join(", ")}`] : []),
            ...(claims.length > 0 ? [`claims deleted, and created again: ${claims.join(", ")}`] : []),
            ...(file === undefined ? [] : [`${file}: a move for each disk`]),
            "pulumi up: new volumes; the old ones are kept",
            ...(owners.length > 0 ? [`pods started again, as many as before: ${owners.join(", ")}`] : []),
            "verified: pods run where their disks are, claims are bound to them",
        ]),
    ];
}

/** Claims that are in the way: those that the stack creates, it replaces itself. */
export function claimsToDelete(disks: readonly Disk[]): string[] {
    return disks.flatMap(({ claim, hasClaim, ownsClaim }) =>
        claim !== undefined && hasClaim && !ownsClaim ? [claim] : [],
    );
}

/** The moves as args of the component, for programs in code. */
export function describeArgs(moves: readonly PlannedMove[]): Line[] {
    const byStorage: Record<string, { overrides: Record<string, object> }> = {};
    moves.forEach(({ disk, settings }) => {
        const { overrides } = (byStorage[disk.storage] ??= { overrides: {} });
        overrides[disk.ordinal] = { moves: [settings] };
    });
    return [
        { heading: "args of the component, by name; each move goes to the end of its disk's list" },
        ...indented(yamlOf(byStorage, 4).trimEnd().split("\n")),
    ];
}

/** Time between, such as 3 h 12 min. */
export function span(from: Date, to: Date): string {
    const minutes = Math.max(0, Math.floor((to.getTime() - from.getTime()) / 60_000));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    return days > 0
        ? `${days} d ${hours} h`
        : hours > 0
          ? `${hours} h ${minutes % 60} min`
          : `${minutes} min`;
}

function indented(lines: readonly string[]): string[] {
    return lines.map((line) => `    ${line}`);
}

function unique(lines: readonly string[]): string[] {
    return [...new Set(lines)];
}
