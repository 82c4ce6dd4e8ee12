import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { Clients } from "../inspect/clients";
import { directoryOf } from "./backend";
import type { StateFolder } from "./backend";
import type { Pulumi } from "./pulumi";

/** A Pulumi project. */
export interface Project {
    readonly name: string;
    /** Folder with the settings of its stacks. */
    readonly configFolder: string;
}

/** The folder with the stack's state; undefined if its backend isn't in files. */
export async function findStateFolder(
    pulumi: Pulumi,
    { environment }: Pick<Clients, "environment">,
): Promise<StateFolder | undefined> {
    const answer = await pulumi.ask(["whoami", "--json"]);
    // If the command fails, most likely a file beside the state is incomplete.
    const url =
        answer.code === 0
            ? (JSON.parse(answer.stdout) as { url: string }).url
            : environment["PULUMI_BACKEND_URL"];
    const directory = directoryOf(url ?? "");
    if (directory === undefined) {
        return undefined;
    }
    const stack = await pulumi.stackName().catch(() => undefined);
    return { directory, project: (await findProject()).name, stack: stack?.split("/").at(-1) };
}

/**
 * The project of a folder.
 *
 * @throws Error if neither it nor a folder above has a Pulumi.yaml.
 */
export async function findProject(folder = process.cwd()): Promise<Project> {
    const text = await readFile(join(folder, "Pulumi.yaml"), "utf8").catch(() => undefined);
    if (text !== undefined) {
        const { name, stackConfigDir } = parse(text) as { name?: string; stackConfigDir?: string };
        return { name: String(name), configFolder: resolve(folder, stackConfigDir ?? ".") };
    }
    if (dirname(folder) === folder) {
        throw new Error("no Pulumi.yaml in this folder or above it: run this in the stack's folder");
    }
    return findProject(dirname(folder));
}
