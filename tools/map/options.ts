import { extname } from "node:path";
import { printable } from "../../components/validation/problems";
import type { Target } from "../inspect/target";
import { parseOptions, rejectStackWithState, usageError } from "../terminal/commandLine";

const usage =
    "npm run map -- [--cluster <name>] [--stack <name> | --state <file>] [--zone <name>] [--output <file.html | file.svg>]... [--json]";

/** Options of `npm run map`. */
export interface MapOptions extends Target {
    /** Files to write. */
    readonly outputs: readonly string[];
    /** Whether to print the map as JSON. */
    readonly json: boolean;
    /** Zone whose disks to list with their newest snapshots. */
    readonly zone?: string;
}

/**
 * Reads the arguments. Defaults to a page and a picture, or to no file if the map or a zone is printed.
 *
 * @throws Error with the mistake and the usage.
 */
export function readOptions(args: readonly string[]): MapOptions {
    const option = { type: "string" } as const;
    const options = {
        cluster: option,
        stack: option,
        state: option,
        zone: option,
        output: { type: "string", multiple: true },
        json: { type: "boolean" },
    } as const;
    const { output, json = false, ...where } = parseOptions(args, options, usage);
    rejectStackWithState(where, usage);
    const wrong = output?.find((file) => ![".html", ".svg"].includes(extname(file)));
    if (wrong !== undefined) {
        throw usageError(`--output must end in .html or .svg, got "${printable(wrong)}"`, usage);
    }
    const outputs = output ?? (json || where.zone !== undefined ? [] : ["zone-map.html", "zone-map.svg"]);
    return { ...where, outputs, json };
}
