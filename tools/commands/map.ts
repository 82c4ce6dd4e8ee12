import { extname } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { Access } from "../inspect/clients";
import type * as Draw from "../map/draw";
import { addCommand, targetOptions, valueOption } from "./command";
import type { CommonOptions, Run } from "./command";

/** `map`: where the disks are. */
export function addMap(program: Command, run: Run): void {
    addCommand(program, {
        name: "map",
        summary: "draw where the disks are, and what the failure of a zone would affect",
        description:
            "Draws the disks of a stack and its cluster by zone, as a page and a picture. It changes nothing else.",
        options: [
            ...targetOptions(),
            valueOption(
                "--zone <name>",
                "list the disks of this zone with their newest snapshots, and draw nothing",
            ),
            new Option(
                "--output <file...>",
                "where to write: a page (.html) or a picture (.svg); by default zone-map.html and zone-map.svg",
            ).argParser(outputs),
        ],
        examples: [
            ["", "the selected stack, the current context"],
            [" --stack=production --output=production.html", "a page of another stack"],
            [" --zone=eu-west-1b", "can the disks of this zone be moved?"],
        ],
        statuses: [
            "the map was drawn; with --zone: every disk of the zone has a snapshot",
            "with --zone: a disk of the zone has no snapshot, or may be in the zone",
            "there is nothing to draw, snapshots could not be read, or an option is wrong",
        ],
    }).action(
        run(async (options: Draw.MapOptions & Access & CommonOptions) => {
            const { draw } = require("../map/draw") as typeof Draw;
            return draw(options);
        }),
    );
}

function outputs(file: string, others: readonly string[] = []): string[] {
    if (![".html", ".svg"].includes(extname(file))) {
        throw new InvalidArgumentError("It must end in .html or .svg.");
    }
    return [...others, file];
}
