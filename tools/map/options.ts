import { extname } from "node:path";
import { printable } from "../../components/validation/problems";
import type { Target } from "../inspect/target";
import { parseOptions, refuseBoth, usageError } from "../terminal/commandLine";

const usage =
    "npm run map -- [--cluster <name>] [--stack <name> | --state <file>] [--zone <name>] [--output <file.html | file.svg>]... [--json]";

/** What `npm run map` is asked for. */
export interface MapOptions extends Target {
    /** Files to write. */
    readonly outputs: readonly string[];
    /** Whether to print the map for machines. */
    readonly json: boolean;
    /** The zone whose disks to list, each with its newest snapshot. */
    readonly zone?: string;
}

/**
 * Reads the arguments. Without `--output` there are a page and a picture, or nothing where the map or a zone is printed.
 *
 * @throws Error that says what is wrong and how the command is used.
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
    refuseBoth(where, usage);
    const wrong = output?.find((file) => ![".html", ".svg"].includes(extname(file)));
    if (wrong !== undefined) {
        throw usageError(`--output must end in .html or .svg, got "${printable(wrong)}"`, usage);
    }
    const outputs = output ?? (json || where.zone !== undefined ? [] : ["zone-map.html", "zone-map.svg"]);
    return { ...where, outputs, json };
}
