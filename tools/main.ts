#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../components/validation/problems";
import { addAdopt } from "./commands/adopt";
import { addDoctor } from "./commands/doctor";
import { addMap } from "./commands/map";
import { addMoves } from "./commands/moves";
import { addRecover } from "./commands/recover";
import { addRelease } from "./commands/release";
import { newProgram, runProgram } from "./commands/command";
import type { Run } from "./commands/command";
import { printAnswer } from "./terminal/answer";
import { Failure } from "./terminal/commandLine";
import { exit } from "./terminal/exit";
import { ownCommand } from "./terminal/ownCommand";

/** The commands that people run. They load what they work with, such as AWS' SDK, when they are run. */
async function main(args: readonly string[]): Promise<number> {
    let status = 0;
    const run: Run = (work) => async (options) => {
        enter(options.cwd);
        const answer = await work(options);
        printAnswer(answer, options.json ?? false);
        status = answer.status;
    };
    const program = newProgram(
        "zonal-persistent-storage",
        "EBS volumes and PersistentVolumes of ZonalPersistentStorage, looked after.",
    )
        .version(version(), "--version", "show the version")
        .helpCommand("help [command]", "show the help of a command")
        .showHelpAfterError(`${ownCommand("--help")} shows the commands`);
    [addDoctor, addMap, addMoves, addRecover, addAdopt, addRelease].forEach((add) => add(program, run));
    const failed = await runProgram(program, args, (error) => (error instanceof Failure ? 1 : 2));
    return failed ?? status;
}

function enter(folder: string | undefined): void {
    try {
        process.chdir(folder ?? ".");
    } catch {
        throw new Error(`--cwd must be a folder, got "${printable(folder ?? "")}"`);
    }
}

function version(): string {
    const manifest = readFileSync(join(__dirname, "..", "package.json"), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
}

void main(process.argv.slice(2)).then(exit);
