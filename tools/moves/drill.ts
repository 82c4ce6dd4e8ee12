import { writeFile } from "node:fs/promises";
import { MoveFrom } from "../../components/args/moveArgs";
import { backupFindings } from "../doctor/backupFindings";
import { Pulumi } from "../engine/pulumi";
import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import { withBackups } from "../inspect/inventory";
import type { Target } from "../inspect/target";
import type { Answer } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { moment } from "../map/format";
import { describeMoves, span } from "./describe";
import { evacuation } from "./goal";
import { planFor } from "./plan";
import type { Plan } from "./plan";
import { readWorld } from "./world";
import type { World } from "./world";

/** Options of `drill`. */
export interface DrillOptions extends Target {
    readonly zone: string;
    readonly to?: readonly string[];
    /** File for a report in Markdown. */
    readonly markdown?: string;
}

/** Tells whether the failure of a zone could be survived today, and what would be lost. It changes nothing. */
export async function drill(options: DrillOptions & Access): Promise<Answer> {
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, () => undefined);
    progress("reading the stack, the cluster and EC2 ...");
    const world = without(options.zone, await readWorld(pulumi, clients, options));
    const wish = { ...options, from: MoveFrom.NewestSnapshot };
    const moves = await planFor(world, evacuation(world, options.zone, wish), wish, clients);
    const unseen: string[] = [];
    const watched = await withBackups(clients, world.inventory, (line) => void unseen.push(line));
    const plan = {
        ...moves,
        warnings: [...moves.warnings, ...backupFindings(watched).map(({ what }) => what)],
    };
    const stuck = plan.left.flatMap(({ disks }) => disks);
    const verdict =
        stuck.length === 0
            ? `if ${options.zone} failed, ${counted(plan.moves.length, "disk")} would run elsewhere`
            : `if ${options.zone} failed, ${counted(stuck.length, "disk")} would be out of reach: ${stuck.join(", ")}`;
    if (options.markdown !== undefined) {
        await writeFile(options.markdown, markdownOf(options.zone, plan, world.at, verdict));
    }
    return {
        status: stuck.length === 0 ? 0 : 1,
        json: jsonOf(options.zone, plan, world.at),
        unseen,
        lines: [
            ...describeMoves(plan, world.at),
            `the command for that night: ${ownCommand(`evacuate --zone=${options.zone}`)}`,
        ],
        verdict,
    };
}

/** The world after the failure of a zone: no node of it takes pods. */
function without(zone: string, world: World): World {
    const places = world.places.map((place) => (place.zone === zone ? { ...place, isReady: false } : place));
    return { ...world, places };
}

function jsonOf(zone: string, { moves, left, warnings }: Plan, at: Date): object {
    return {
        zone,
        at: at.toISOString(),
        disks: moves.map(({ disk, zone: to, snapshot }) => ({
            ...{ disk: disk.name, volumeId: disk.volumeId, to },
            snapshotId: snapshot?.id,
            snapshotAt: snapshot?.at.toISOString(),
            lostMinutes: snapshot && Math.floor((at.getTime() - snapshot.at.getTime()) / 60_000),
        })),
        left,
        warnings,
    };
}

function markdownOf(zone: string, { moves, left, warnings }: Plan, at: Date, verdict: string): string {
    const rows = moves.map(
        ({ disk, zone: to, snapshot }) =>
            `| ${disk.name} | ${to} | ${snapshot ? `${snapshot.id}, ${moment(snapshot.at.toISOString())}` : "-"} | ${snapshot ? span(snapshot.at, at) : "-"} |`,
    );
    return [
        `# If ${zone} failed`,
        "",
        `As of ${moment(at.toISOString())}. **${verdict}.**`,
        "",
        ...(rows.length > 0
            ? ["| Disk | Would go to | From snapshot | Lost |", "|---|---|---|---|", ...rows, ""]
            : []),
        ...left.map(({ disks, reason }) => `- Out of reach: ${disks.join(", ")}: ${reason}`),
        ...warnings.map((line) => `- ${line}`),
        "",
    ].join("\n");
}
