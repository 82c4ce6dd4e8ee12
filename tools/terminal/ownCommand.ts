import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { quoted } from "./shell";

const name = "zonal-persistent-storage";

// Read before --cwd leads elsewhere: a command is for the folder in which the user is.
const own = programName(process.cwd(), process.argv[1], process.env["npm_command"]);

/** How to run a command of this package, for messages. */
export function ownCommand(command: string): string {
    return `${own} ${command}`;
}

/**
 * `npx` finds the program in a clone, and in a project that has installed the package. Installed in another folder, as
 * for a program in Python, it is named by its path: `npx` would ask the registry for it.
 *
 * @param folder - The user's folder.
 * @param started - File that Node.js was started with.
 * @param npmCommand - npm's command that has started it; `exec` for `npx`.
 */
export function programName(folder: string, started = "", npmCommand?: string): string {
    const [root = "", inside] = started.split(`${sep}node_modules${sep}`);
    const installed = join(root, "node_modules", ".bin", name);
    const isElsewhere = relative(root, folder).split(sep)[0] === "..";
    return inside !== undefined && npmCommand !== "exec" && isElsewhere && existsSync(installed)
        ? quoted(relative(folder, installed))
        : `npx ${name}`;
}
