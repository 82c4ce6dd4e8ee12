#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { printable } from "../components/validation/problems";
import { addDoctor } from "./commands/doctor";
import { addMap } from "./commands/map";
import { addRecover } from "./commands/recover";
import type { Run } from "./commands/command";
import { printAnswer } from "./terminal/answer";
import { Failure, printError, printMistake } from "./terminal/commandLine";
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
    const program = new Command("zonal-persistent-storage")
        .description("EBS volumes and PersistentVolumes of ZonalPersistentStorage, looked after.")
        .version(version(), "--version", "show the version")
        .helpOption("--help", "show this help")
        .helpCommand("help [command]", "show the help of a command")
        .showHelpAfterError(`${ownCommand("--help")} shows the commands`)
        .configureOutput({ outputError: printMistake })
        .exitOverride();
    [addDoctor, addMap, addRecover].forEach((add) => add(program, run));
    try {
        await program.parseAsync([...args], { from: "user" });
        return status;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? 0 : 2;
        }
        printError(error);
        return error instanceof Failure ? 1 : 2;
    }
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

void main(process.argv.slice(2)).then((status) => process.exit(status));
