import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** A stack of a Pulumi project: what to run and with which settings. */
export interface ProjectStack {
    /** Folder of the project: where `Pulumi.yaml` is. */
    readonly directory: string;
    /** Path of the program. */
    readonly main: string;
    readonly project: string;
    readonly stack: string;
    /** The stack's config by key, with the namespace. */
    readonly config: Readonly<Record<string, unknown>>;
}

/** How a run ended. */
export interface ProgramRun {
    /** What went wrong; empty if nothing did. */
    readonly errors: readonly string[];
    /** The stack's outputs. */
    readonly outputs: Readonly<Record<string, unknown>>;
    /** What `pulumi stack export` prints then. */
    readonly exportState: () => Promise<string>;
}

/** Reads a stack's settings from `Pulumi.yaml` and `Pulumi.<stack>.yaml`. */
export async function readStack(directory: string, stack: string): Promise<ProjectStack> {
    const read = async (file: string) => parse(await readFile(join(directory, file), "utf8")) as unknown;
    const { name, main } = (await read("Pulumi.yaml")) as { name: string; main: string };
    const { config } = (await read(`Pulumi.${stack}.yaml`)) as { config: Record<string, unknown> };
    return { directory, main: join(directory, main), project: name, stack, config };
}

/** Config as Pulumi hands it to a program: everything is text, and what isn't was made JSON. */
export function asTexts(config: Readonly<Record<string, unknown>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
            key,
            typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
}
