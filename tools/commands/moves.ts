import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { MoveFrom } from "../../components/args/moveArgs";
import type { Access } from "../inspect/clients";
import type * as Moves from "../moves/commands";
import type * as Drill from "../moves/drill";
import type { MoveOptions } from "../moves/run";
import { addCommand, contextOption, stackOption, valueOption } from "./command";
import type { CommonOptions, Description, Run } from "./command";

type Options = MoveOptions & Access & CommonOptions;

/** Commands that move disks to new volumes, with their pods, and `drill`, which only tells whether they could. */
export function addMoves(program: Command, run: Run): void {
    const load = () => require("../moves/commands") as typeof Moves;
    const evacuate = run((options: Options & { zone: string }) => load().evacuate(options));
    addMoveCommand(program, {
        name: "evacuate",
        summary: "move all disks out of a zone, with their pods",
        description:
            "Shows which disks of a zone would move where and how much would be lost, asks, and does it: ends the pods, moves the disks to volumes from snapshots, and starts the pods again. Run again after an interruption, it goes on.",
        options: [
            valueOption("--zone <name>", "the zone that is emptied").makeOptionMandatory(),
            toOption("zones to choose from (default: all others with nodes)"),
            fromOption(),
        ],
        examples: [
            [" --zone=eu-west-1b --dry-run", "what it would do, and what would be lost"],
            [" --zone=eu-west-1b", "the zone has failed, or its nodes are to go"],
        ],
    }).action(evacuate);
    const move = run((options: Moves.MovementOptions & CommonOptions) => load().move(options));
    addMoveCommand(program, {
        name: "move",
        summary: "move disks to another zone or encrypt them, with their pods",
        description:
            "Moves disks, and all other disks of the same pods, to new volumes in another zone, as evacuate does for a whole zone. Without --to, the disks alone get new volumes in their zone, to encrypt them or to change their key.",
        options: [
            toOption("zone, or zones to choose from"),
            fromOption(),
            new Option(
                "--encrypt",
                "make the new volumes encrypted, with the storage's key or the account's",
            ),
            valueOption("--kms-key <arn>", "encrypt the new volumes with this key"),
        ],
        examples: [
            [" web-1 --to=eu-west-1c", "a disk by the name of its PersistentVolume"],
            [" web-0 web-1 --encrypt", "disks that aren't encrypted, in the zones where they are"],
        ],
    })
        .usage("[options] <disks...>")
        .argument("<disks...>", "names of PersistentVolumes")
        .action((names: string[], options: Options) => move({ ...options, names }));
    const rebalance = run((options: Options & { storage?: string[] }) => load().rebalance(options));
    addMoveCommand(program, {
        name: "rebalance",
        summary: "move as few disks as possible so that each storage is even",
        description:
            "Moves the fewest disks after which no zone has two more disks of a storage than another. Nothing is lost: snapshots are taken when the pods have ended.",
        options: [
            new Option("--storage <name...>", "only these storages"),
            toOption("zones to choose from (default: all with nodes)"),
        ],
        examples: [[" --dry-run", "which disks would move"]],
    }).action(rebalance);
    const restore = run((options: Options & { names: readonly string[]; at: string }) =>
        load().restore(options),
    );
    addMoveCommand(program, {
        name: "restore",
        summary: "give disks the data of an earlier moment",
        description:
            "Makes new volumes for disks from the newest snapshots before a time, or from one snapshot, in the zones where the disks are. The volumes from before are kept.",
        options: [
            valueOption(
                "--at <time|snapshot>",
                "such as 2026-11-26T10:00Z, or a snapshot's id",
            ).makeOptionMandatory(),
        ],
        examples: [[" web-2 --at=2026-11-26T10:00Z", "the newest snapshot before that time"]],
    })
        .usage("[options] <disks...>")
        .argument("<disks...>", "names of PersistentVolumes")
        .action((names: string[], options: Options & { at: string }) => restore({ ...options, names }));
    addCommand(program, {
        name: "drill",
        summary: "could the stack survive the failure of a zone today?",
        description:
            "Shows what an evacuation would do if a zone failed now: which disks would move, and how much would be lost. It changes nothing.",
        options: [
            valueOption("--zone <name>", "the zone that fails").makeOptionMandatory(),
            toOption("zones to choose from (default: all others with nodes)"),
            valueOption("--markdown <file>", "write a report, too"),
            new Option("--dry-run", "as always: it changes nothing"),
            ...accessOptions(),
        ],
        examples: [[" --zone=eu-west-1b --markdown=report.md", "for a weekly job"]],
        statuses: [
            "every disk of the zone could move",
            "a disk would be out of reach",
            "that can't be told, or an option is wrong",
        ],
    }).action(
        run((options: Drill.DrillOptions & Access & CommonOptions) => {
            const { drill } = require("../moves/drill") as typeof Drill;
            return drill(options);
        }),
    );
}

function addMoveCommand(program: Command, own: Omit<Description, "statuses">): Command {
    return addCommand(program, {
        ...own,
        options: [
            ...own.options,
            new Option(
                "--paused <owner...>",
                "resources whose operators you have paused, such as Kafka/shop/events",
            ).argParser(pausedOwners),
            new Option("--timeout <minutes>", "longest time for pods to end and to start")
                .argParser(minutes)
                .default(10),
            new Option("--undo", "go back to the volumes from before, after an interruption"),
            ...accessOptions(),
            new Option("--yes", "don't ask"),
            new Option("--dry-run", "show what it would do, and do nothing").conflicts("yes"),
        ],
        statuses: [
            "all disks are moved and their pods run, or none had to move",
            "something failed on the way, or a disk could not be moved: correct it, and run the same again",
            "nothing was changed: it refused, an option is wrong, or it was a dry run",
        ],
    });
}

function accessOptions(): Option[] {
    return [
        stackOption(),
        contextOption(),
        valueOption("--cluster <name>", "name of the cluster in the tags of its volumes"),
        valueOption("--region <name>", "another AWS region than the stack's"),
    ];
}

function toOption(description: string): Option {
    return new Option("--to <zone...>", description);
}

function fromOption(): Option {
    return new Option(
        "--from <source>",
        "NewSnapshot: taken when the pods have ended, nothing is lost. NewestSnapshot: the newest that exists (default: NewSnapshot if the zone has ready nodes)",
    ).choices(Object.values(MoveFrom));
}

function pausedOwners(text: string, before: readonly string[] = []): readonly string[] {
    if (!/^[^/]+\/[^/]+\/[^/]+$/.test(text)) {
        throw new InvalidArgumentError("It must be <Kind>/<namespace>/<name>.");
    }
    return [...before, text];
}

function minutes(text: string): number {
    const value = Number(text);
    if (!(value > 0 && value <= 1440)) {
        throw new InvalidArgumentError("It must be a number of minutes, more than 0 and at most 1440.");
    }
    return value;
}
