import { extname } from "node:path";
import { parseArgs } from "node:util";
import type { Options } from "../doctor/look";

const usage =
    "npm run map -- [--cluster <name>] [--stack <name> | --state <file>] [--output <file.html | file.svg>]... [--json]";

/** What `npm run map` is asked for. */
export interface MapOptions extends Options {
    /** Files to write. */
    readonly outputs: readonly string[];
    /** Whether to print the map for machines. */
    readonly json: boolean;
}

/**
 * Reads the arguments. Without `--output` there are a page and a picture, or nothing where the map is printed.
 *
 * @throws Error that says what is wrong and how the command is used.
 */
export function readOptions(args: readonly string[]): MapOptions {
    const option = { type: "string" } as const;
    const options = {
        cluster: option,
        stack: option,
        state: option,
        output: { type: "string", multiple: true },
        json: { type: "boolean" },
    } as const;
    try {
        const { output, json = false, ...where } = parseArgs({ args: [...args], options }).values;
        if (where.stack !== undefined && where.state !== undefined) {
            throw new Error(`--state must be left out beside --stack, got "${where.state}"`);
        }
        const wrong = output?.find((file) => ![".html", ".svg"].includes(extname(file)));
        if (wrong !== undefined) {
            throw new Error(`--output must end in .html or .svg, got "${wrong}"`);
        }
        const outputs = output ?? (json ? [] : ["zone-map.html", "zone-map.svg"]);
        return { ...where, outputs, json };
    } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
    }
}
