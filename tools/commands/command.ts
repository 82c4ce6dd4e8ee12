import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Answer } from "../terminal/answer";
import { printError, printMistake } from "../terminal/commandLine";
import { ownCommand } from "../terminal/ownCommand";

/** Options of every command. */
export interface CommonOptions {
    readonly cwd?: string;
    readonly json?: boolean;
}

/** Runs a command's work: prints its answer, and ends with its status. */
export type Run = <T extends CommonOptions>(
    work: (options: T) => Promise<Answer>,
) => (options: T) => Promise<void>;

/** A command's help. */
export interface Description {
    readonly name: string;
    /** A line in the list of commands. */
    readonly summary: string;
    readonly description: string;
    readonly options: readonly Option[];
    /** Arguments after the command's name, and what they do. */
    readonly examples: readonly (readonly [string, string])[];
    /** Meanings of the exit statuses 0, 1 and 2. */
    readonly statuses: readonly [string, string, string];
}

/** A program that prints mistakes in its arguments as one line each. */
export function newProgram(name: string, description: string): Command {
    return new Command(name)
        .description(description)
        .helpOption("--help", "show this help")
        .configureOutput({ outputError: printMistake })
        .exitOverride();
}

/**
 * Runs a program with its arguments, and prints the error that ends it.
 *
 * @param statusOf - Exit status of an error of the program's work.
 * @returns the exit status: 2 for a mistake in the arguments, undefined if the work ended without an error.
 */
export async function runProgram(
    program: Command,
    args: readonly string[],
    statusOf: (error: unknown) => number,
): Promise<number | undefined> {
    try {
        await program.parseAsync([...args], { from: "user" });
        return undefined;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? 0 : 2;
        }
        printError(error);
        return statusOf(error);
    }
}

/** Adds a command to the program, without its action. */
export function addCommand(
    program: Command,
    { name, summary, description, options, examples, statuses }: Description,
): Command {
    const own = ownCommand(name);
    const command = program.command(name).summary(summary).description(description);
    [...options, ...commonOptions()].forEach((option) => command.addOption(option));
    return command
        .helpOption("--help", "show this help")
        .usage("[options]")
        .showHelpAfterError(`${own} --help shows the options`)
        .addHelpText(
            "after",
            section(
                "Examples",
                examples.map(([args, what]) => [`${own}${args}`, what]),
            ),
        )
        .addHelpText(
            "after",
            section(
                "Exit status",
                statuses.map((what, status) => [String(status), what]),
            ),
        );
}

/** An option with a value. */
export function valueOption(flags: string, description: string): Option {
    return new Option(flags, description).argParser(valueOf);
}

/** Options that say which stack and which cluster. */
export const stackOption = () => valueOption("--stack <name>", "another stack than the selected one");
export const contextOption = () =>
    valueOption("--context <name>", "another context of the kubeconfig than the current one");
export const targetOptions = () => [
    stackOption(),
    valueOption("--state <file>", "the output of `pulumi stack export`, in place of a stack").conflicts(
        "stack",
    ),
    contextOption(),
    valueOption("--cluster <name>", "name of the cluster in the tags of its volumes"),
    valueOption("--region <name>", "another AWS region than the stack's"),
];

/** An option without its value takes the next option for it, which is never meant. */
function valueOf(value: string): string {
    if (value === "" || value.startsWith("--")) {
        throw new InvalidArgumentError("It must have a value.");
    }
    return value;
}

function commonOptions(): Option[] {
    return [
        valueOption("--cwd <folder>", "run as if started in this folder: that of the Pulumi program"),
        new Option("--json", "print the result as JSON"),
    ];
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
    const width = Math.max(...rows.map(([first]) => first.length));
    return ["", `${title}:`, ...rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`)].join(
        "\n",
    );
}
