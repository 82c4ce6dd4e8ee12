import { printable } from "../../components/validation/problems";
import { findings } from "./findings";
import { keptVolumeNotes } from "./keptVolumes";
import { environmentClients } from "../inspect/clients";
import { readInventory } from "../inspect/inventory";
import type { Target } from "../inspect/target";
import { parseOptions, printError, rejectStackWithState } from "../terminal/commandLine";
import { bold, progress, verdict } from "../terminal/colours";
import { counted } from "../terminal/counted";

const usage = "npm run doctor -- [--cluster <name>] [--stack <name> | --state <file>] [--json]";

/** `npm run doctor`: problems of the cluster's disks, and the commands that solve them. It changes nothing. */
async function main(): Promise<number> {
    const { json, ...options } = readOptions();
    const unseen: string[] = [];
    progress("reading the cluster, the stack's state and EC2 ...");
    const inventory = await readInventory(environmentClients(), options, (line) =>
        json ? unseen.push(line) : console.error(printable(line)),
    );
    const [found, others] = [findings(inventory), keptVolumeNotes(inventory)];
    const status = found.length === 0 ? 0 : 1;
    if (json) {
        console.log(JSON.stringify({ findings: found, notes: others, unseen }, undefined, 2));
        return status;
    }
    [...found, ...others].forEach(({ what, mend }) =>
        // Names and tags are untrusted text: they must not be able to forge a line of output.
        console.log([bold(printable(what)), ...mend.map((line) => `    ${printable(line)}`)].join("\n")),
    );
    console.log(verdict(status === 0, status === 0 ? "no problems found" : counted(found.length, "problem")));
    return status;
}

function readOptions(): Target & { readonly json?: boolean } {
    const option = { type: "string" } as const;
    const options = { cluster: option, stack: option, state: option, json: { type: "boolean" } } as const;
    const values = parseOptions(process.argv.slice(2), options, usage);
    rejectStackWithState(values, usage);
    return values;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(2);
    },
);
