import { Command, CommanderError } from "commander";
import { printError, printMistake } from "../tools/terminal/commandLine";
import { Interrupted } from "./interruption";

/** An npm script of the sandbox, with its help. */
export function script(name: string, description: string): Command {
    return new Command(name)
        .description(description)
        .helpOption("--help", "show this help")
        .configureOutput({ outputError: printMistake })
        .exitOverride();
}

/** Runs a script with its arguments, and ends the process with the status of its work. */
export async function runScript(command: Command, args: readonly string[]): Promise<never> {
    try {
        await command.parseAsync([...args], { from: "user" });
        return process.exit();
    } catch (error) {
        if (error instanceof CommanderError) {
            return process.exit(error.exitCode === 0 ? 0 : 2);
        }
        printError(error);
        return process.exit(error instanceof Interrupted ? 130 : 1);
    }
}
