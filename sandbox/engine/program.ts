import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** A stack of a Pulumi project: its program and its settings. */
export interface ProjectStack {
    /** Folder with `Pulumi.yaml`. */
    readonly directory: string;
    /** Path of the program. */
    readonly main: string;
    readonly project: string;
    readonly stack: string;
    /** The stack's config by full key. */
    readonly config: Readonly<Record<string, unknown>>;
}

/** Result of a run. */
export interface ProgramRun {
    /** Errors; empty after a success. */
    readonly errors: readonly string[];
    /** The stack's outputs. */
    readonly outputs: Readonly<Record<string, unknown>>;
    /** Output of `pulumi stack export` after the run. */
    readonly exportState: () => Promise<string>;
}

/** Reads a stack's settings from `Pulumi.yaml` and `Pulumi.<stack>.yaml`. */
export async function readStack(directory: string, stack: string): Promise<ProjectStack> {
    const read = async (file: string) => parse(await readFile(join(directory, file), "utf8")) as unknown;
    const { name, main } = (await read("Pulumi.yaml")) as { name: string; main: string };
    const { config } = (await read(`Pulumi.${stack}.yaml`)) as { config: Record<string, unknown> };
    return { directory, main: join(directory, main), project: name, stack, config };
}

/** Config in the form that Pulumi passes to a program: texts, other values as JSON. */
export function configAsText(config: Readonly<Record<string, unknown>>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
            key,
            typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
}
